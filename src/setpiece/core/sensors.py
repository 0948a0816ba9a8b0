"""Sensors and film gates of real cameras, millimetres, from their makers' data sheets. What is extracted keeps the full width.

Place in the flow: a view names one; framing and the renderer take its millimetres.
"""

from __future__ import annotations

import difflib
from types import MappingProxyType

from setpiece.core.errors import BriefError

SENSORS = MappingProxyType(
    {
        "alexa_35_og": (27.99, 19.22),
        "alexa_35_4k_16_9": (24.88, 14.00),
        "alexa_mini_og": (28.25, 18.17),
        "alexa_lf_og": (36.70, 25.54),
        "alexa_65_og": (54.12, 25.58),
        "red_v_raptor_vv": (40.96, 21.60),
        "red_komodo_6k": (27.03, 14.26),
        "red_helium_8k": (29.90, 15.77),
        "sony_venice_ff": (36.20, 24.10),
        "sony_venice_2_8k": (35.90, 24.00),
        "sony_burano_ff": (35.90, 24.00),
        "blackmagic_12k": (27.03, 14.25),
        "super_35_4_perf": (24.89, 18.66),
        "super_35_3_perf": (24.89, 13.87),
        "academy_35": (21.95, 16.00),
        "super_16": (12.52, 7.41),
        "full_frame": (36.00, 24.00),
        "vista_vision": (37.72, 24.92),
        "65_5_perf": (52.63, 23.01),
        "micro_four_thirds": (17.30, 13.00),
    }
)
ASPECT = 16 / 9


def extracted_mm(sensor: str, aspect: float = ASPECT) -> tuple[float, float]:
    """(width, height) of a picture of ``aspect`` cut from the middle of a sensor. Raises BriefError for an unknown one.

    >>> extracted_mm("full_frame")
    (36.0, 20.25)
    """
    if sensor not in SENSORS:
        near = difflib.get_close_matches(sensor, SENSORS, n=1, cutoff=0.4)
        raise BriefError(
            f"there is no sensor '{sensor}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"sensors are {', '.join(SENSORS)}",
        )
    width, height = SENSORS[sensor]
    return (width, width / aspect) if width / height <= aspect else (height * aspect, height)
