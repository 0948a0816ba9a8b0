"""Programmes of places where people live. How they are written is told in :mod:`.previs_places`."""

from __future__ import annotations

from setpiece.intake.previs_places import Place

PLACES: tuple[Place, ...] = (
    Place(
        name="bunker lounge",
        words=("bunker lounge", "bunker", "shelter", "fallout shelter", "underground lounge", "safe room"),
        size_m=((7.2, 8.6), (5.8, 6.8), (2.9, 3.3)),
        furnish="""
            coffee_table centre; rug under coffee_table; sofa behind coffee_table; armchair x2 facing coffee_table
            bar against east; bar_stool x2-3 facing bar; bottles x3 on bar ~0.2; glasses on bar ~0.4
            bookshelf x2 against north; books x4 on bookshelf ~0.2; sideboard against west; radio {1930-1975} on sideboard
            record_player {1955-1990} on sideboard; telephone {1925-2000} on sideboard ~0.5; floor_lamp beside sofa
            table_lamp on sideboard; wall_lamp x2 mounted north; pendant hanging coffee_table
            picture x2 mounted west ~0.3; clock mounted east ~0.4; ashtray on coffee_table {1900-1999} ~0.4
            glasses on coffee_table ~0.5; papers on coffee_table ~0.6; vent mounted north ~0.5""",
        era=1968,
        style="1950s",
        walls=("concrete wall",),
        floors=("planks floor", "carpet fabric_2"),
        ceilings=("concrete ceiling",),
        palettes=("bunker green", "oxblood and brass", "smoked seventies"),
        openings="vault_door west",
        features=("beams", "ducts", "pipes"),
        light=(22.0, "clear", "low_key", 0.0),
        wear=0.35,
        dressing=0.7,
        subject="sofa",
    ),
    Place(
        name="kitchen",
        words=("kitchen", "kitchenette", "scullery"),
        size_m=((3.8, 5.0), (3.4, 4.4), (2.5, 3.0)),
        furnish="""
            base_unit/kitchen_counter/kitchen_units x3 against north; stove/cooker against north; fridge against east
            sink/kitchen_sink against north; wall_unit/wall_cabinet x2 mounted north; kitchen_table/dining_table centre
            kitchen_chair/dining_chair x4 around kitchen_table; pendant hanging kitchen_table; clock mounted east
            kettle on stove ~0.2; pans on base_unit ~0.3; crockery/plates on base_unit ~0.3
            jars/bottles on base_unit ~0.5; radio {1930-2000} on fridge ~0.4; fruit_bowl/food on kitchen_table ~0.3
            cup/mug on kitchen_table ~0.5; newspaper/papers on kitchen_table ~0.6; bin ~0.5
            radiator against west {1920-} ~0.3; towel mounted east ~0.7""",
        walls=("plaster wall", "paint wall", "tiles trim wall"),
        floors=("tiles floor trim", "linoleum floor accent", "planks floor"),
        palettes=("pistachio and tomato", "butter and sky", "avocado and orange", "nordic", "farmhouse", "powder eighties"),
        openings="window north 1.4x1.2 sill 1.1 curtain; door west",
        features=("tile_dado", "cornice", "skirting"),
        light=(10.0, "clear", "natural", 0.0),
        wear=0.35,
        dressing=0.6,
        subject="kitchen_table",
    ),
    Place(
        name="fisherman's hut",
        words=("fisherman's hut", "fishing hut", "fisher hut", "net loft", "boathouse", "fisherman's shack"),
        size_m=((4.4, 5.4), (3.8, 4.8), (2.4, 2.9)),
        furnish="""
            table/kitchen_table centre; chair x2 around table; stove_wood/wood_stove/stove corner
            single_bed/bed against east; workbench against north; tools x2 on workbench ~0.2
            fishing_net/net mounted north; fishing_net/net corner ~0.5; rope x2 ~0.2; buoy x3 ~0.2; barrel x2 corner
            crate x3; lantern hanging table; lantern on workbench; bottles on table ~0.3; cup/mug on table ~0.3
            kettle on workbench ~0.2; shelf/shelves mounted west ~0.3; bucket ~0.4; oar mounted west ~0.4
            rug under table ~0.6; food on table ~0.5""",
        era=1935,
        style="rustic",
        walls=("planks wall",),
        ceilings=("planks ceiling",),
        palettes=("driftwood and net", "limewash and indigo"),
        openings="window north 0.9x0.8 sill 1.1; door west 0.85x1.95",
        features=("beams",),
        light=(17.5, "overcast", "warm", 0.0),
        wear=0.7,
        dressing=0.8,
        subject="table",
    ),
    Place(
        name="attic",
        words=("attic", "loft space", "garret", "roof space", "lumber room"),
        size_m=((6.4, 8.4), (4.6, 5.8), (2.5, 3.0)),
        furnish="""
            trunk/chest/crate x2; chest_of_drawers against east; crate x4; boxes/box x4; rocking_chair/armchair
            mirror mounted west; lantern on chest_of_drawers; bare_bulb/pendant hanging; books x3 on chest_of_drawers ~0.2
            picture x3 mounted ~0.3; toys/toy x2 on chest_of_drawers ~0.3
            sewing_machine/typewriter on chest_of_drawers ~0.4; suitcase x2 ~0.3; bicycle {1890-} ~0.6; dress_form ~0.6
            rug under trunk ~0.4; bed/single_bed ~0.8; birdcage/lantern ~0.7; guitar/instrument ~0.7; lamp/floor_lamp ~0.6
            wardrobe against west ~0.5""",
        era=1985,
        style="rustic",
        walls=("planks wall", "brick wall"),
        ceilings=("planks ceiling",),
        palettes=("attic dust", "driftwood and net", "farmhouse"),
        openings="window north 0.9x0.9 sill 0.9; door south 0.8x1.9",
        features=("sloping_roof", "beams"),
        light=(16.5, "clear", "warm", 0.0),
        wear=0.7,
        dressing=0.9,
        subject="trunk",
    ),
    Place(
        name="bedroom",
        words=("bedroom", "bed room", "master bedroom", "bedchamber", "boudoir"),
        size_m=((4.2, 5.4), (3.8, 4.8), (2.5, 3.0)),
        furnish="""
            double_bed/bed against north; nightstand x2 beside double_bed; table_lamp x2 on nightstand
            wardrobe against east; chest_of_drawers against west; rug under double_bed; mirror mounted west; armchair
            books x2 on nightstand ~0.3; picture x3 mounted ~0.3; pendant hanging; glass/glasses on nightstand ~0.4
            plant corner ~0.6; clothes/throw on armchair ~0.5; telephone on nightstand {1930-2005} ~0.5
            bottles on chest_of_drawers ~0.5; radiator against north {1920-} ~0.4""",
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("planks floor", "carpet fabric_2", "parquet floor"),
        palettes=("drawing room", "nordic", "avocado and orange", "powder eighties", "limewash and indigo", "gas light"),
        openings="window north 1.3x1.4 sill 0.9 curtain; door west",
        features=("skirting", "cornice"),
        light=(8.0, "clear", "natural", 0.0),
        dressing=0.6,
        subject="double_bed",
    ),
    Place(
        name="teenage bedroom",
        words=(
            "teenage bedroom",
            "teenager's bedroom",
            "teenager's room",
            "teen bedroom",
            "teen's room",
            "boy's room",
            "girl's room",
        ),
        size_m=((3.6, 4.4), (3.2, 4.0), (2.4, 2.6)),
        furnish="""
            single_bed/bed against west; desk against north; office_chair/chair facing desk; bookshelf against east
            wardrobe against east; rug centre; poster x6 mounted; desk_lamp on desk; nightstand beside single_bed
            computer/monitor {1984-} on desk; television/tv {1970-} on chest_of_drawers; chest_of_drawers against east
            radio {1980-} ~0.4; record_player/stereo/radio on bookshelf ~0.3; books x3 on bookshelf
            guitar corner; clothes x3 ~0.5; bean_bag/armchair; cup/mug on desk ~0.4
            papers x2 on desk ~0.4; toys on bookshelf ~0.5; string_lights mounted {1970-} ~0.6; pendant hanging
            speaker x2 {1960-} ~0.4; skateboard/ball {1965-} ~0.5; plates on nightstand ~0.8""",
        era=1994,
        style="1990s",
        walls=("paint wall", "wallpaper wall trim"),
        floors=("carpet fabric", "planks floor"),
        palettes=("teenage blue", "grunge", "memphis"),
        openings="window north 1.3x1.2 sill 0.9 curtain; door south",
        light=(17.0, "clear", "natural", 0.0),
        wear=0.45,
        dressing=0.95,
        subject="single_bed",
    ),
    Place(
        name="nursery",
        words=("nursery", "child's room", "children's room", "playroom", "kids room"),
        size_m=((3.8, 4.8), (3.4, 4.2), (2.5, 2.9)),
        furnish="""
            cot/single_bed against north; chest_of_drawers against east; rocking_chair/armchair; bookshelf against west
            rug centre; toys x4; books x2 on bookshelf; boxes/box x2; pendant hanging; table_lamp on chest_of_drawers
            picture x3 mounted; toys on chest_of_drawers; small_table/side_table; stool x2 around small_table""",
        walls=("wallpaper wall trim", "paint wall"),
        floors=("planks floor", "carpet fabric"),
        palettes=("soft nursery", "butter and sky"),
        openings="window north 1.3x1.3 sill 0.8 curtain; door west",
        features=("skirting", "picture_rail"),
        light=(9.0, "clear", "high_key", 0.0),
        wear=0.25,
        dressing=0.8,
        subject="cot",
    ),
    Place(
        name="living room",
        words=(
            "living room",
            "sitting room",
            "lounge",
            "drawing room",
            "parlour",
            "parlor",
            "front room",
            "salon",
            "apartment",
            "flat",
            "family room",
        ),
        size_m=((5.0, 6.8), (4.2, 5.6), (2.6, 3.2)),
        furnish="""
            coffee_table centre; rug under coffee_table; sofa behind coffee_table; armchair x2 facing coffee_table
            fireplace against east; bookshelf against west; sideboard against west; television/tv {1952-} on sideboard
            radio {1925-1955} on sideboard; floor_lamp beside sofa; side_table beside sofa; table_lamp on side_table
            picture x4 mounted ~0.2; books x3 on bookshelf; plant corner; clock mounted ~0.4; cup/mug on coffee_table ~0.4
            magazines/papers on coffee_table ~0.5; mirror mounted east ~0.4; pendant/chandelier hanging
            vase on sideboard ~0.4; radiator against north {1920-} ~0.4; piano against south ~0.8""",
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("planks floor", "parquet floor", "carpet fabric_2"),
        palettes=(
            "drawing room",
            "avocado and orange",
            "nordic",
            "library tan",
            "gas light",
            "deco",
            "powder eighties",
            "loft",
        ),
        openings="window north 1.6x1.5 sill 0.7 curtain; door west",
        features=("skirting", "cornice"),
        light=(16.0, "clear", "natural", 0.0),
        dressing=0.65,
        subject="sofa",
    ),
    Place(
        name="dining room",
        words=("dining room", "banquet room", "banqueting hall"),
        size_m=((4.8, 6.2), (4.2, 5.2), (2.7, 3.4)),
        furnish="""
            dining_table centre; dining_chair x6 around dining_table; rug under dining_table
            chandelier hanging dining_table; sideboard against east; candle x2 on dining_table
            plates x2 on dining_table ~0.2; glasses x2 on dining_table ~0.2; picture x4 mounted; mirror mounted east
            bottles on sideboard ~0.3; flowers/vase on sideboard ~0.3; wall_lamp x2 mounted; clock ~0.5
            crockery/plates on sideboard ~0.4; fireplace against west ~0.4""",
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("parquet floor", "planks floor"),
        palettes=("drawing room", "gas light", "deco", "mahogany and bottle green", "nordic"),
        openings="window north 1.4x1.7 sill 0.7 curtain; double_door west 1.4x2.1",
        features=("skirting", "cornice", "panelling"),
        light=(20.0, "clear", "warm", 0.0),
        dressing=0.6,
        subject="dining_table",
    ),
    Place(
        name="study",
        words=("study", "library", "reading room", "den", "scholar's room"),
        size_m=((4.6, 6.0), (4.0, 5.2), (2.8, 3.6)),
        furnish="""
            desk centre; office_chair/armchair behind desk; bookshelf x4 against east; books x8 on bookshelf
            desk_lamp on desk; rug under desk; armchair x2; side_table beside armchair; table_lamp on side_table
            globe corner; papers x2 on desk; books x2 on desk; typewriter {1890-1985} on desk ~0.3; fireplace against west
            clock mounted west ~0.3; picture x3 mounted; ladder ~0.6; decanter/bottles on side_table ~0.5
            chandelier/pendant hanging""",
        era=1930,
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("parquet floor", "planks floor"),
        palettes=("library tan", "mahogany and bottle green", "oxblood and brass", "gas light"),
        openings="window north 1.2x1.8 sill 0.7 curtain; door west",
        features=("panelling", "cornice", "skirting"),
        light=(17.0, "clear", "warm", 0.0),
        dressing=0.8,
        subject="desk",
    ),
    Place(
        name="hotel room",
        words=("hotel room", "motel room", "motel", "hotel", "guest room", "hotel suite"),
        size_m=((4.4, 5.6), (4.0, 5.0), (2.5, 2.8)),
        furnish="""
            double_bed/bed against west; nightstand x2 beside double_bed; table_lamp x2 on nightstand
            sideboard/chest_of_drawers against east; television/tv {1955-} on sideboard; armchair
            small_table/side_table beside armchair; floor_lamp corner; telephone on nightstand {1920-}
            picture x2 mounted west; suitcase ~0.2; mirror mounted east; wardrobe against south
            glasses on side_table ~0.4; bottles on sideboard ~0.4""",
        era=1978,
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("carpet fabric_2",),
        palettes=("avocado and orange", "smoked seventies", "powder eighties", "nordic", "deco"),
        openings="window north 1.8x1.5 sill 0.7 curtain; door south",
        light=(19.5, "clear", "warm", 0.0),
        wear=0.4,
        dressing=0.45,
        subject="double_bed",
    ),
    Place(
        name="bathroom",
        words=("bathroom", "washroom", "restroom", "toilet", "lavatory", "shower room"),
        size_m=((2.6, 3.6), (2.4, 3.2), (2.4, 3.0)),
        furnish="""
            bathtub/bath against north; washbasin/sink against east; toilet against east; mirror mounted east
            wall_lamp x2 mounted east; towel mounted; stool; bottles on washbasin ~0.3; rug centre
            radiator against south {1920-} ~0.3; pendant hanging; plant ~0.6; basket/bin ~0.5""",
        walls=("tiles wall trim",),
        floors=("tiles floor trim",),
        palettes=("hospital green", "powder eighties", "nordic", "butter and sky", "gallery white"),
        openings="window north 0.7x0.7 sill 1.4; door west",
        features=("tile_dado",),
        light=(8.0, "clear", "high_key", 0.0),
        subject="bathtub",
    ),
    Place(
        name="cellar",
        words=("cellar", "basement", "wine cellar", "vault", "catacomb", "boiler room"),
        size_m=((5.0, 6.6), (4.4, 5.6), (2.3, 2.7)),
        furnish="""
            barrel x4 against north; shelves/bookshelf x2 against east; bottles x6 on shelves; crate x4
            workbench against west; tools on workbench; bare_bulb/pendant hanging; lantern on workbench; ladder ~0.4
            boxes/box x3; bucket ~0.4; rope ~0.4; candle x2 on crate ~0.5; boiler/stove_wood corner ~0.5""",
        era=1940,
        style="rustic",
        walls=("stone wall", "brick wall"),
        floors=("stone floor", "soil floor", "concrete floor"),
        ceilings=("stone ceiling", "planks ceiling"),
        palettes=("attic dust", "institution", "gas light"),
        openings="door south 0.85x1.95; window north 0.6x0.35 sill 1.7",
        features=("columns", "pipes", "beams"),
        light=(13.0, "clear", "low_key", 0.0),
        wear=0.75,
        dressing=0.7,
        subject="barrel",
    ),
    Place(
        name="cabin",
        words=("cabin", "log cabin", "cottage", "hut", "shack", "lodge", "hunting lodge", "farmhouse"),
        size_m=((5.2, 6.6), (4.4, 5.6), (2.5, 3.1)),
        furnish="""
            fireplace against west; armchair x2 facing fireplace; rug in_front fireplace; table/kitchen_table centre
            chair x4 around table; single_bed/bed against north; chest_of_drawers against north; stove_wood/stove corner
            lantern x2 on table; candle on table; plates on table ~0.3; bookshelf against east; books on bookshelf
            picture x2 mounted ~0.4; rope ~0.5; crate x2; kettle on table; bottles on chest_of_drawers ~0.4
            throw on armchair ~0.4; basket ~0.5""",
        era=1940,
        style="rustic",
        walls=("planks wall",),
        ceilings=("planks ceiling",),
        palettes=("farmhouse", "attic dust", "limewash and indigo"),
        openings="window north 1.0x1.0 sill 0.9 curtain; window east 1.0x1.0 sill 0.9 curtain; door south",
        features=("beams",),
        light=(18.0, "clear", "warm", 0.0),
        wear=0.5,
        dressing=0.7,
        subject="fireplace",
    ),
    Place(
        name="hallway",
        words=("hallway", "entrance hall", "foyer", "lobby", "vestibule", "corridor", "passage"),
        size_m=((5.0, 7.0), (2.2, 3.0), (2.7, 3.4)),
        furnish="""
            console_table/side_table against north; mirror mounted north; table_lamp on console_table; coat_stand corner
            rug centre; chair against south; picture x4 mounted; umbrella_stand/bin corner; pendant/chandelier hanging
            telephone on console_table {1910-2005}; clock against north ~0.4; flowers/vase on console_table ~0.3
            bench against south""",
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("tiles floor trim", "parquet floor", "planks floor"),
        palettes=("drawing room", "gas light", "deco", "nordic", "institution"),
        openings="door east 1.0x2.1; door west; door north; door north",
        features=("skirting", "cornice", "picture_rail"),
        light=(16.0, "clear", "natural", 0.0),
        subject="console_table",
    ),
    Place(
        name="room",
        words=("room", "set", "interior", "chamber", "space"),
        size_m=((4.6, 5.8), (4.0, 5.0), (2.6, 3.0)),
        furnish="pendant hanging",
        palettes=("nordic", "library tan", "gallery white", "drawing room"),
        openings="window north 1.4x1.4 sill 0.8; door west",
        dressing=0.4,
    ),
    Place(
        name="fitting room",
        words=("fitting room", "costume house", "costume fitting", "photo studio", "infinity cove"),
        size_m=((7.0, 7.0), (6.0, 6.0), (3.4, 3.4)),
        furnish="",
        walls=("paint #9a9a98",),
        floors=("linoleum #8c8c8a",),
        ceilings=("paint #b8b8b6",),
        palettes=("gallery white",),
        features=(),
        light=(12.0, "overcast", "high_key", 9000.0),
        wear=0.05,
        dressing=0.0,
    ),
)
