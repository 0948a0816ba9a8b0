"""Faces of a shot: found, followed, told apart, corrected by hand, kept.

:func:`track_faces` is the entry; :mod:`.archive` keeps what it found. Measures only: it makes no pixel and names nobody.
"""

from __future__ import annotations

from setpiece.stage.faces.archive import SCHEMA as SCHEMA
from setpiece.stage.faces.archive import read_tracks as read_tracks
from setpiece.stage.faces.archive import write_tracks as write_tracks
from setpiece.stage.faces.correct import Correction as Correction
from setpiece.stage.faces.correct import corrected as corrected
from setpiece.stage.faces.correct import parse_corrections as parse_corrections
from setpiece.stage.faces.detect import models as models
from setpiece.stage.faces.overlay import overlay as overlay
from setpiece.stage.faces.track import track_faces as track_faces
