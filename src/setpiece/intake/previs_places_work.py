"""Programmes of places where people work, are tended or are kept. How they are written is told in :mod:`.previs_places`."""

from __future__ import annotations

from setpiece.intake.previs_places import Place

PLACES: tuple[Place, ...] = (
    Place(
        name="hospital corridor",
        words=("hospital corridor", "clinic corridor", "ward corridor"),
        size_m=((12.0, 15.0), (2.6, 3.0), (2.7, 3.0)),
        furnish="""
            gurney/hospital_bed against north; wheelchair against south; waiting_chair/chair x3 against north
            trolley against south; fluorescent/batten x5 hanging; notice_board/poster mounted north; clock mounted south
            bin against north; fire_extinguisher mounted south ~0.3; sign mounted north ~0.3; drip_stand ~0.4
            papers on trolley ~0.5; bottles on trolley ~0.4; plant against south ~0.6""",
        era=2005,
        style="2010s",
        walls=("paint wall trim",),
        floors=("linoleum floor",),
        ceilings=("tiles ceiling",),
        palettes=("hospital green", "hospital blue", "institution"),
        openings="""
            double_door east 1.6x2.1; door north; door north; door north; door south; door south; double_door west 1.6x2.1""",
        features=("skirting", "tile_dado"),
        light=(11.0, "overcast", "cold", 0.0),
        wear=0.35,
        dressing=0.4,
        subject="gurney",
    ),
    Place(
        name="hospital room",
        words=("hospital room", "ward", "hospital ward", "sickroom", "sick room", "infirmary"),
        size_m=((5.0, 6.4), (4.4, 5.4), (2.8, 3.2)),
        furnish="""
            hospital_bed x2 against west; nightstand beside hospital_bed; chair x2 beside hospital_bed
            trolley against east; drip_stand x2 ~0.2; fluorescent x2 hanging; wall_lamp x2 mounted west
            locker against east; screen/folding_screen ~0.4; flowers/vase on nightstand ~0.4
            glass/glasses on nightstand ~0.3; clock mounted south; television mounted east {1980-}""",
        era=2000,
        walls=("paint wall trim",),
        floors=("linoleum floor",),
        palettes=("hospital green", "hospital blue"),
        openings="window north 1.8x1.4 sill 0.9 curtain; door south 1.2x2.1",
        light=(11.0, "overcast", "high_key", 0.0),
        wear=0.25,
        dressing=0.4,
        subject="hospital_bed",
    ),
    Place(
        name="judge's chamber",
        words=("judge's chamber", "judge's chambers", "judges chambers", "chambers", "magistrate's office"),
        size_m=((5.8, 7.2), (5.0, 6.0), (3.2, 3.8)),
        furnish="""
            desk centre; office_chair/swivel_chair behind desk; rug under desk; armchair x2 facing desk
            bookshelf x3 against east; books x6 on bookshelf ~0.1; desk_lamp/bankers_lamp on desk; papers x2 on desk ~0.2
            telephone {1910-2010} on desk; typewriter {1890-1985} on desk ~0.6; books on desk ~0.5; flag corner
            sideboard against west; decanter/bottles on sideboard ~0.4; glasses on sideboard ~0.4; globe ~0.5
            picture x3 mounted west; clock mounted east ~0.3; chandelier hanging; wall_lamp x2 mounted west
            coat_stand corner""",
        era=1965,
        style="1930s",
        walls=("plaster wall", "paint wall"),
        floors=("parquet floor", "carpet fabric_2"),
        palettes=("mahogany and bottle green", "library tan", "oxblood and brass"),
        openings="window north 1.2x2.0 sill 0.7 curtain; window north 1.2x2.0 sill 0.7 curtain; door west 0.95x2.2",
        features=("panelling", "cornice", "skirting"),
        light=(16.0, "clear", "warm", 0.0),
        dressing=0.65,
        subject="desk",
    ),
    Place(
        name="courtroom",
        words=("courtroom", "court room", "court", "tribunal"),
        size_m=((10.0, 13.0), (9.0, 11.0), (4.2, 5.2)),
        furnish="""
            counter/bar/desk against north; office_chair/armchair behind counter; table x2 centre; chair x4 behind table
            bench/pew x6; flag corner; clock mounted north; chandelier x2 hanging; books on table ~0.3
            papers x2 on table ~0.2; wall_lamp x4 mounted; glasses on table ~0.4; desk_lamp on counter ~0.3""",
        era=1960,
        style="1930s",
        floors=("parquet floor", "planks floor"),
        palettes=("mahogany and bottle green", "library tan"),
        openings="""
            double_door south 1.8x2.4; window west 1.2x2.4 sill 1.4; window west 1.2x2.4 sill 1.4
            window east 1.2x2.4 sill 1.4""",
        features=("panelling", "cornice", "columns", "skirting"),
        light=(15.0, "clear", "natural", 0.0),
        wear=0.25,
        dressing=0.4,
        subject="desk",
    ),
    Place(
        name="spaceship galley",
        words=(
            "spaceship galley",
            "starship galley",
            "ship's galley",
            "spacecraft galley",
            "space galley",
            "galley",
            "mess deck",
        ),
        size_m=((6.0, 7.2), (4.4, 5.2), (2.4, 2.7)),
        furnish="""
            table/dining_table centre; stool x6 around table; console/console_panel x2 against north
            locker x3 against north; base_unit/counter x3 against south; wall_unit x2 mounted south
            screen/monitor x2 mounted north; fluorescent/batten x3 hanging; lamp_strip/neon_tube x2 mounted; crate x3
            barrel ~0.4; vent x2 mounted; cup/mug x3 on table ~0.2; plates on table ~0.3; food on table ~0.5
            kettle on base_unit ~0.3; pans on base_unit ~0.4; tools on console ~0.6; papers on table ~0.6
            plant on base_unit ~0.7""",
        era=2180,
        style="futuristic",
        walls=("metal wall", "plastic wall"),
        floors=("rubber floor", "metal floor"),
        ceilings=("metal ceiling",),
        palettes=("freighter", "starship white"),
        openings="hatch west 0.9x2.0; hatch east 0.9x2.0",
        features=("ribs", "pipes", "ducts", "panels"),
        light=(12.0, "clear", "low_key", 0.0),
        wear=0.45,
        dressing=0.7,
        subject="table",
    ),
    Place(
        name="spaceship bridge",
        words=("spaceship bridge", "starship bridge", "spaceship", "starship", "spacecraft", "cockpit", "space station"),
        size_m=((7.0, 9.0), (6.0, 8.0), (2.8, 3.4)),
        furnish="""
            console/console_panel x4 against north; office_chair x4 facing console; console x2 against east
            screen/monitor x4 mounted; table centre; lamp_strip/neon_tube x2 mounted; fluorescent x2 hanging
            locker x2 against west; cup/mug on console ~0.4; papers on table ~0.4""",
        era=2180,
        style="futuristic",
        walls=("metal wall", "plastic wall"),
        floors=("metal floor", "rubber floor"),
        ceilings=("metal ceiling",),
        palettes=("starship white", "freighter"),
        openings="hatch south 1.2x2.1; window north 4.0x1.4 sill 0.9",
        features=("ribs", "pipes", "panels"),
        light=(12.0, "clear", "cold", 0.0),
        subject="console",
    ),
    Place(
        name="police interview room",
        words=("police interview room", "interview room", "interrogation room", "questioning room"),
        size_m=((3.6, 4.4), (3.2, 4.0), (2.5, 2.8)),
        furnish="""
            table/metal_table centre; chair x2 around table; chair against east; one_way_mirror/mirror mounted north
            fluorescent/batten hanging table; tape_recorder/radio {1960-2010} on table; papers on table ~0.1
            cup/mug on table ~0.2; ashtray on table {1920-1999} ~0.1; security_camera mounted {1980-}; clock mounted east
            radiator against south {1920-}; filing_cabinet corner ~0.3; telephone mounted {1930-2010} ~0.6; bin corner ~0.3""",
        era=1995,
        style="1990s",
        walls=("paint wall trim", "concrete wall"),
        floors=("linoleum floor", "concrete floor"),
        ceilings=("tiles ceiling",),
        palettes=("interrogation", "institution"),
        light=(22.0, "clear", "cold", 0.0),
        wear=0.45,
        dressing=0.3,
        subject="table",
    ),
    Place(
        name="prison cell",
        words=("prison cell", "jail cell", "cell", "dungeon"),
        size_m=((2.8, 3.4), (3.4, 4.2), (2.6, 3.2)),
        furnish="""
            bunk_bed/cot/single_bed against west; toilet corner; sink/washbasin against north
            table/small_table against east; stool facing table; bare_bulb/wall_lamp mounted; books on table ~0.3
            cup/mug on table ~0.3; poster x2 mounted ~0.3""",
        era=1975,
        style="industrial",
        walls=("brick wall", "concrete wall", "stone wall"),
        floors=("concrete floor",),
        ceilings=("concrete ceiling",),
        palettes=("institution", "interrogation"),
        openings="door south; window north 0.6x0.6 sill 1.8",
        features=("pipes",),
        light=(15.0, "clear", "cold", 0.0),
        wear=0.65,
        dressing=0.3,
        subject="bunk_bed",
    ),
    Place(
        name="office",
        words=("office", "manager's office", "newsroom", "agency", "detective's office", "headmaster's office"),
        size_m=((4.6, 6.0), (4.0, 5.2), (2.6, 3.1)),
        furnish="""
            desk centre; office_chair behind desk; chair x2 facing desk; filing_cabinet x3 against east
            bookshelf against west; desk_lamp on desk; telephone {1910-2015} on desk; typewriter {1890-1985} on desk
            computer/monitor {1983-} on desk; papers x3 on desk ~0.1; cup/mug on desk ~0.3; books x3 on bookshelf
            clock mounted; picture x2 mounted ~0.3; coat_stand corner; bin ~0.2; plant corner ~0.4
            fluorescent {1950-} hanging; pendant {-1950} hanging; safe corner ~0.5; ashtray on desk {-1995} ~0.3
            radiator against north {1920-} ~0.3; map/poster mounted ~0.4; boxes/box x2 ~0.6""",
        walls=("paint wall", "plaster wall"),
        floors=("linoleum floor", "carpet fabric_2", "parquet floor"),
        palettes=("nicotine", "library tan", "institution", "nordic", "powder eighties", "gallery white"),
        openings="window north 1.8x1.4 sill 0.9; door west",
        light=(15.0, "clear", "natural", 0.0),
        wear=0.35,
        dressing=0.6,
        subject="desk",
    ),
    Place(
        name="classroom",
        words=("classroom", "class room", "schoolroom", "lecture room"),
        size_m=((7.4, 9.0), (6.4, 7.6), (3.0, 3.6)),
        furnish="""
            blackboard/notice_board mounted north; desk against north; chair behind desk; school_desk/small_table/table x8
            chair x8 facing school_desk; bookshelf against west; books x2 on bookshelf; globe on desk
            map/poster x4 mounted; fluorescent/pendant x4 hanging; clock mounted north; papers x4 on school_desk ~0.3
            bin ~0.3; radiator x2 against east {1920-}; plant ~0.5""",
        era=1972,
        walls=("paint wall trim",),
        floors=("planks floor", "linoleum floor"),
        palettes=("institution", "hospital green", "butter and sky", "nordic"),
        openings="window east 1.6x1.8 sill 0.9; window east 1.6x1.8 sill 0.9; window east 1.6x1.8 sill 0.9; door west",
        light=(10.0, "clear", "natural", 0.0),
        wear=0.45,
        dressing=0.6,
        subject="desk",
    ),
    Place(
        name="workshop",
        words=("workshop", "tool shed", "shed", "carpenter's shop", "forge", "toolroom"),
        size_m=((6.0, 8.0), (5.0, 6.5), (3.0, 3.8)),
        furnish="""
            workbench x2 against north; tools x4 on workbench; stool x2 facing workbench
            shelves/bookshelf x2 against east; crate x4; barrel x2; pendant x2 hanging; desk_lamp on workbench
            ladder against west; bucket ~0.3; locker against west; boxes/box x3; tools x2 on shelves ~0.3
            radio {1930-} on shelves ~0.4; clock mounted ~0.4; poster mounted ~0.5; rope ~0.4; bin ~0.4
            cup/mug on workbench ~0.5""",
        era=1955,
        style="industrial",
        walls=("brick wall", "planks wall"),
        floors=("concrete floor", "planks floor"),
        ceilings=("planks ceiling",),
        palettes=("attic dust", "concrete and signal", "driftwood and net"),
        openings="window north 1.6x1.2 sill 1.0; double_door south 1.8x2.2",
        features=("beams", "pipes"),
        light=(15.0, "clear", "natural", 0.0),
        wear=0.7,
        dressing=0.8,
        subject="workbench",
    ),
    Place(
        name="tailor's workroom",
        words=(
            "tailor's workroom",
            "tailor's shop",
            "tailor's fitting room",
            "tailor shop",
            "dressmaker's workroom",
            "dressmaker's",
            "couture atelier",
            "costume workshop",
            "wardrobe department",
            "costume department",
        ),
        size_m=((6.4, 8.0), (5.4, 6.6), (3.0, 3.6)),
        furnish="""
            workbench/table against north; throw x4 on workbench; typewriter on workbench ~0.4; desk_lamp on workbench
            shelves/bookshelf x2 against east; boxes/box x2; dress_form x2; mirror mounted; rug centre; armchair facing rug
            stool facing workbench; coat_stand corner; pendant x3 hanging; chest_of_drawers against west; papers x2 on workbench
            picture x3 mounted ~0.4; clock mounted ~0.4; plant corner ~0.6; bin ~0.5""",
        era=1935,
        walls=("paint wall", "wallpaper wall trim"),
        floors=("planks floor", "parquet floor"),
        palettes=("library tan", "drawing room", "butter and sky"),
        openings="window north 1.5x1.8 sill 0.9; door south",
        features=("skirting", "cornice"),
        light=(15.0, "clear", "natural", 0.0),
        wear=0.3,
        dressing=0.6,
        subject="workbench",
    ),
    Place(
        name="garage",
        words=("garage", "car workshop", "body shop"),
        size_m=((6.4, 7.6), (6.0, 7.2), (2.8, 3.4)),
        furnish="""
            car centre; workbench against north; tools x3 on workbench; shelves/bookshelf against east; boxes/box x3
            fluorescent x2 hanging; barrel x2; bicycle against west ~0.4; ladder against west ~0.4; tyre/crate x2 ~0.3
            radio on workbench ~0.4; poster x2 mounted ~0.4; bucket ~0.5""",
        era=1985,
        style="industrial",
        walls=("brick wall", "concrete wall"),
        floors=("concrete floor",),
        ceilings=("concrete ceiling",),
        palettes=("concrete and signal", "attic dust"),
        openings="gate south 2.8x2.3; door west; window north 1.2x0.8 sill 1.4",
        features=("pipes", "ducts"),
        light=(14.0, "clear", "cold", 0.0),
        wear=0.6,
        dressing=0.7,
        subject="car",
    ),
    Place(
        name="laboratory",
        words=("laboratory", "lab", "morgue", "operating room", "operating theatre", "surgery", "dispensary"),
        size_m=((6.0, 7.6), (5.0, 6.4), (2.8, 3.3)),
        furnish="""
            workbench/table centre; stool x3 facing workbench; counter/base_unit x3 against north
            wall_unit x2 mounted north; bottles x4 on workbench; glasses x3 on counter
            monitor/computer {1980-} on counter; fridge against west; trolley; fluorescent x3 hanging
            locker x2 against west; papers x2 on workbench ~0.3; clock mounted; sink against north; books on counter ~0.4
            gurney/hospital_bed against east ~0.6""",
        era=1988,
        walls=("tiles wall trim", "paint wall"),
        floors=("linoleum floor", "tiles floor trim"),
        palettes=("hospital blue", "hospital green", "starship white"),
        openings="double_door south 1.6x2.1; window east 1.6x1.2 sill 1.1",
        light=(13.0, "overcast", "high_key", 0.0),
        wear=0.25,
        dressing=0.65,
        subject="workbench",
    ),
    Place(
        name="barn",
        words=("barn", "stable", "hayloft", "farm building"),
        size_m=((8.0, 10.0), (7.0, 9.0), (4.2, 5.2)),
        furnish="""
            workbench against north; tools x2 on workbench; crate x5; barrel x4; ladder against west; rope x2; bucket x2
            lantern x2 hanging; bench; cart ~0.3; hay/crate x3 ~0.3; lantern on workbench; trough/crate against east ~0.4""",
        era=1925,
        style="rustic",
        walls=("planks wall",),
        floors=("soil floor", "planks floor"),
        ceilings=("planks ceiling",),
        palettes=("attic dust", "driftwood and net", "farmhouse"),
        openings="gate south 2.6x2.8; window east 0.9x0.8 sill 1.4",
        features=("beams", "columns"),
        light=(17.0, "clear", "warm", 0.0),
        wear=0.75,
        dressing=0.6,
        subject="workbench",
    ),
    Place(
        name="control room",
        words=("control room", "command centre", "command center", "situation room", "war room", "server room", "radio room"),
        size_m=((7.0, 9.0), (5.6, 7.0), (2.8, 3.4)),
        furnish="""
            console/console_panel x4 against north; office_chair x4 facing console; screen/monitor x4 mounted north
            table centre; chair x4 around table; map/poster x2 mounted; telephone x2 on console {1910-2005}
            papers x3 on table ~0.2; desk_lamp on table; fluorescent x4 hanging; clock x3 mounted north
            filing_cabinet x3 against east; locker x2 against west; cup/mug x2 on console ~0.3
            ashtray on table {-1995} ~0.3""",
        era=1975,
        style="industrial",
        walls=("paint wall", "concrete wall", "metal wall"),
        floors=("linoleum floor", "rubber floor"),
        ceilings=("tiles ceiling",),
        palettes=("concrete and signal", "institution", "freighter"),
        openings="double_door south 1.6x2.1",
        features=("ducts", "panels"),
        light=(12.0, "clear", "low_key", 0.0),
        dressing=0.6,
        subject="console",
    ),
    Place(
        name="warehouse",
        words=("warehouse", "storeroom", "depot", "factory", "factory floor", "hangar", "dock"),
        size_m=((11.0, 14.0), (9.0, 11.0), (4.6, 6.0)),
        furnish="""
            crate x10; shelves/bookshelf x4 against north; barrel x6; boxes/box x6; pendant/industrial_lamp x4 hanging
            desk corner; chair facing desk; desk_lamp on desk; ladder against west; trolley x2; rope ~0.4; bucket ~0.4
            locker x3 against west; papers on desk ~0.4; boxes x4 on shelves""",
        era=1970,
        style="industrial",
        walls=("brick wall", "concrete wall"),
        floors=("concrete floor",),
        ceilings=("metal ceiling",),
        palettes=("concrete and signal", "loft", "attic dust"),
        openings="gate south 3.4x3.4; window east 2.4x1.2 sill 2.6; window east 2.4x1.2 sill 2.6",
        features=("columns", "beams", "ducts", "pipes"),
        light=(15.0, "clear", "cold", 0.0),
        wear=0.65,
        dressing=0.7,
        subject="crate",
    ),
    Place(
        name="artist's studio",
        words=("artist's studio", "painter's studio", "atelier", "studio", "loft", "photographer's studio"),
        size_m=((6.4, 8.4), (5.4, 7.0), (3.2, 4.2)),
        furnish="""
            easel; workbench/table against north; stool x2; sofa against west; rug in_front sofa; picture x6 mounted
            bottles x3 on workbench; papers x2 on workbench; floor_lamp; crate x2; shelves/bookshelf against east
            books x2 on shelves; tools on workbench; plant x2; pendant x2 hanging; ladder ~0.5; boxes/box x2
            radio {1930-} on shelves ~0.4; cup/mug on workbench ~0.4""",
        era=1978,
        style="industrial",
        walls=("brick wall", "plaster wall"),
        floors=("planks floor", "concrete floor"),
        ceilings=("concrete ceiling", "planks ceiling"),
        palettes=("loft", "gallery white", "attic dust"),
        openings="window north 2.6x2.2 sill 0.8; door west",
        features=("beams", "columns", "pipes"),
        light=(11.0, "overcast", "natural", 0.0),
        wear=0.55,
        dressing=0.85,
        subject="easel",
    ),
    Place(
        name="boardroom",
        words=("boardroom", "board room", "conference room", "meeting room"),
        size_m=((6.4, 8.2), (4.8, 6.0), (2.7, 3.1)),
        furnish="""
            conference_table/dining_table centre; office_chair x8 around conference_table
            screen/television mounted east {1960-}; sideboard against east; papers x4 on conference_table ~0.2
            glasses x4 on conference_table ~0.3; telephone on conference_table {1930-}
            pendant x2 hanging conference_table; picture x3 mounted; plant x2 corner; clock mounted ~0.4""",
        walls=("paint wall", "plaster wall"),
        floors=("carpet fabric_2", "parquet floor"),
        palettes=("library tan", "gallery white", "powder eighties", "nordic"),
        openings="window north 2.4x1.6 sill 0.7; door west",
        features=("skirting", "panelling"),
        wear=0.15,
        dressing=0.45,
        subject="conference_table",
    ),
)
