"""Lineage in the forms that others read: SPDX 3 and CycloneDX."""
