"""A signing identity for whoever signs or reads credentials in a test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from setpiece.media.certificates import SigningIdentity, development_identity
from setpiece.media.credentials import TrustList


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return development_identity(tmp_path_factory.mktemp("keys"), now=datetime.now(UTC))


@pytest.fixture(scope="module")
def trust(identity: SigningIdentity) -> TrustList:
    return TrustList(anchors_pem=identity.anchors_pem.decode())
