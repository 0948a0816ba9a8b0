"""Programmes of places where people meet, and out of doors. How they are written is told in :mod:`.previs_places`."""

from __future__ import annotations

from setpiece.intake.previs_places import Place

PLACES: tuple[Place, ...] = (
    Place(
        name="nightclub",
        words=("nightclub", "night club", "club", "disco", "discotheque", "dance club"),
        size_m=((10.0, 13.0), (8.0, 10.0), (3.6, 4.4)),
        furnish="""
            dj_desk/desk against north; speaker x4 against north; bar against east; bar_stool x5 facing bar
            bottles x5 on bar ~0.1; glasses x3 on bar ~0.2; mirror_ball hanging; stage_par/spotlight x6 hanging
            sofa x3 against west; coffee_table x3 in_front sofa; glasses x3 on coffee_table ~0.4
            neon_tube/neon_sign x4 mounted; high_table/bistro_table x3; stool x4 around high_table
            candle x2 on coffee_table ~0.5; poster x3 mounted ~0.5""",
        era=1998,
        style="1990s",
        walls=("paint wall", "brick wall"),
        floors=("concrete floor", "tiles floor wall"),
        ceilings=("paint ceiling",),
        palettes=("violet club", "red club"),
        openings="double_door south 1.8x2.2; door east",
        features=("columns", "ducts", "pipes"),
        light=(24.0, "clear", "neon", 0.0),
        wear=0.45,
        dressing=0.7,
        subject="dj_desk",
    ),
    Place(
        name="bar",
        words=("bar", "pub", "tavern", "saloon", "cantina", "cocktail bar", "speakeasy"),
        size_m=((7.5, 10.0), (6.0, 8.0), (2.9, 3.5)),
        furnish="""
            bar/bar_counter against north; bar_stool x5 facing bar; bottles x6 on bar ~0.1; glasses x3 on bar ~0.2
            table x3; chair x8 around table; pendant x3 hanging bar; wall_lamp x3 mounted; mirror mounted north ~0.3
            bookshelf/shelves against north ~0.3; jukebox {1935-2000} corner; piano against west ~0.5
            picture x4 mounted ~0.3; candle x3 on table ~0.4; glasses x3 on table ~0.3; dartboard mounted ~0.6
            neon_sign/neon_tube mounted {1930-} ~0.5""",
        era=1975,
        walls=("plaster wall", "brick wall"),
        palettes=("oxblood and brass", "mahogany and bottle green", "nicotine", "red club"),
        openings="door south 1.0x2.1; window west 1.4x1.4 sill 0.9",
        features=("panelling", "skirting", "beams"),
        light=(21.0, "clear", "warm", 0.0),
        wear=0.5,
        dressing=0.7,
        subject="bar",
    ),
    Place(
        name="restaurant",
        words=("restaurant", "bistro", "brasserie", "trattoria", "dining hall", "canteen"),
        size_m=((9.0, 11.0), (7.0, 9.0), (3.0, 3.8)),
        furnish="""
            dining_table x6; dining_chair x20 around dining_table; candle x6 on dining_table ~0.2
            glasses x6 on dining_table ~0.2; plates x6 on dining_table ~0.2; counter/bar against north
            bottles x3 on counter ~0.3; wall_lamp x4 mounted; chandelier x2 hanging; picture x4 mounted; plant x2 corner
            sideboard against east; coat_stand corner""",
        walls=("plaster wall", "wallpaper wall trim"),
        floors=("parquet floor", "tiles floor trim"),
        palettes=("oxblood and brass", "deco", "gallery white", "limewash and indigo"),
        openings="double_door south 1.6x2.2; window west 1.8x1.8 sill 0.6; window west 1.8x1.8 sill 0.6",
        features=("cornice", "skirting", "panelling"),
        light=(20.0, "clear", "warm", 0.0),
        dressing=0.6,
        subject="dining_table",
    ),
    Place(
        name="diner",
        words=("diner", "cafe", "coffee shop", "coffee house", "tea room", "luncheonette", "cafeteria"),
        size_m=((8.0, 10.0), (5.5, 7.0), (2.8, 3.3)),
        furnish="""
            counter/bar against north; bar_stool x6 facing counter; table x4; chair x10 around table; pendant x4 hanging
            jukebox {1935-2000} corner; cup/mug x2 on counter ~0.2; plates x2 on counter ~0.3; bottles x4 on table ~0.3
            neon_sign mounted north {1930-} ~0.3; clock mounted north; fridge against north; poster x3 mounted ~0.4
            napkins/papers x3 on table ~0.5; coffee_machine/kettle on counter ~0.2; coat_stand corner ~0.5""",
        era=1956,
        walls=("tiles wall trim", "paint wall"),
        floors=("tiles floor trim", "linoleum floor accent"),
        palettes=("diner", "butter and sky", "nordic", "avocado and orange"),
        openings="door south 1.0x2.1; window west 2.2x1.5 sill 0.8; window east 2.2x1.5 sill 0.8",
        features=("tile_dado",),
        light=(9.0, "clear", "natural", 0.0),
        dressing=0.6,
        subject="counter",
    ),
    Place(
        name="street",
        words=("street", "city street", "road", "avenue", "alley", "lane", "high street", "main street"),
        size_m=((22.0, 28.0), (13.0, 16.0), (11.0, 14.0)),
        furnish="""
            street_lamp/lamp_post x4; tree x4; car x2 {1915-}; bench/street_bench x2; bin/litter_bin x2 {1920-}
            bollard x4 ~0.3; kiosk/newsstand {1880-} ~0.3; bicycle x2 {1890-} ~0.4; cafe_table/table x2 ~0.5
            chair x4 around cafe_table ~0.5; shop_sign x3 mounted north ~0.2; awning x2 mounted north ~0.3; crate x3 ~0.5
            telephone_box {1920-2005} ~0.7""",
        era=1950,
        exterior=True,
        walls=("plaster wall", "brick wall", "stone wall"),
        floors=("cobbles floor", "asphalt floor"),
        palettes=("stone street", "terracotta street"),
        openings="",
        features=("street", "shopfronts", "balconies", "cornice"),
        light=(17.0, "overcast", "natural", 0.0),
        wear=0.45,
        dressing=0.6,
        subject="lamp_post",
    ),
    Place(
        name="yard",
        words=("yard", "courtyard", "back yard", "backyard", "patio", "garden", "terrace"),
        size_m=((9.0, 12.0), (8.0, 10.0), (5.0, 7.0)),
        furnish="""
            table centre; chair x4 around table; bench against north; tree corner; plant x4; barrel x2 against west
            crate x3; bicycle {1890-} against east; lantern on table; washing_line/rope ~0.4; bucket ~0.4
            bottles on table ~0.5""",
        era=1960,
        exterior=True,
        walls=("brick wall", "plaster wall"),
        floors=("cobbles floor", "stone floor"),
        palettes=("terracotta street", "stone street", "farmhouse"),
        openings="door north 0.95x2.1; window north 1.1x1.3 sill 1.0; gate east 1.4x2.2",
        features=("courtyard",),
        light=(10.0, "clear", "natural", 0.0),
        wear=0.5,
        dressing=0.6,
        subject="table",
    ),
    Place(
        name="wedding marquee",
        words=("wedding marquee", "marquee", "wedding tent", "party tent", "tent", "pavilion"),
        size_m=((12.0, 15.0), (9.0, 11.0), (3.8, 4.6)),
        furnish="""
            round_table/dining_table x5; dining_chair/chair x30 around round_table
            long_table/buffet/sideboard against north; marquee_pole x2 centre; string_lights x4 hanging
            chandelier x2 hanging; candle x5 on round_table ~0.1; flowers/vase x5 on round_table ~0.2
            glasses x5 on round_table ~0.2; plates x5 on round_table ~0.3; drape x4 against west ~0.3
            cake/food on long_table ~0.1; bottles x3 on long_table ~0.3; plant x4 corner ~0.3; speaker x2 corner ~0.6
            lantern x4 ~0.6""",
        walls=("cotton wall",),
        floors=("planks floor", "carpet floor"),
        ceilings=("cotton ceiling",),
        palettes=("wedding ivory",),
        openings="arch south 3.0x2.4; arch east 2.4x2.4",
        features=("tent",),
        light=(18.5, "clear", "warm", 0.0),
        wear=0.1,
        dressing=0.8,
        subject="dining_table",
    ),
    Place(
        name="church",
        words=("church", "chapel", "cathedral", "crypt", "monastery"),
        size_m=((8.0, 10.0), (11.0, 14.0), (6.0, 8.0)),
        furnish="""
            altar/table against north; pew/bench x8; candle x4 on altar; candelabra/floor_lamp x2 beside altar
            chandelier x2 hanging; lectern; picture x2 mounted; flowers/vase x2 on altar; rug in_front altar
            books on lectern ~0.3""",
        era=1880,
        walls=("stone wall", "plaster wall"),
        floors=("stone floor", "tiles floor wall"),
        ceilings=("plaster ceiling", "planks ceiling"),
        palettes=("limewash and indigo", "library tan", "gas light"),
        openings="""
            double_door south 2.0x2.8; window west 0.9x3.0 sill 2.0; window west 0.9x3.0 sill 2.0
            window east 0.9x3.0 sill 2.0; window east 0.9x3.0 sill 2.0""",
        features=("columns", "beams"),
        light=(16.0, "clear", "natural", 0.0),
        wear=0.4,
        dressing=0.4,
        subject="altar",
    ),
    Place(
        name="shop",
        words=(
            "shop",
            "store",
            "grocery",
            "grocer's",
            "pharmacy",
            "bookshop",
            "boutique",
            "record shop",
            "antique shop",
            "hardware store",
        ),
        size_m=((5.6, 7.4), (5.0, 6.4), (2.8, 3.4)),
        furnish="""
            counter against north; cash_register/typewriter on counter; shelves/bookshelf x3 against east
            shelves/bookshelf x3 against west; books/jars x6 on shelves; bottles x4 on shelves; boxes/box x4; crate x3
            barrel; pendant x3 hanging; clock mounted north; poster x3 mounted; stool behind counter
            papers on counter ~0.3; table centre; food x2 on table ~0.4; ladder ~0.5; scales/kettle on counter ~0.5""",
        era=1958,
        walls=("plaster wall", "paint wall"),
        floors=("planks floor", "tiles floor trim"),
        palettes=("pistachio and tomato", "farmhouse", "nicotine", "nordic"),
        openings="door south 1.0x2.1; window south 2.2x1.8 sill 0.6",
        features=("skirting", "cornice"),
        light=(11.0, "clear", "natural", 0.0),
        dressing=0.9,
        subject="counter",
    ),
    Place(
        name="dressing room",
        words=("dressing room", "theatre dressing room", "backstage", "green room", "wardrobe room"),
        size_m=((4.4, 5.6), (3.6, 4.6), (2.6, 3.0)),
        furnish="""
            dressing_table/desk x2 against north; chair x2 facing dressing_table; mirror x2 mounted north
            bare_bulb/wall_lamp x4 mounted north; clothes_rail/wardrobe against east; sofa against south
            bottles x2 on dressing_table; flowers/vase on dressing_table; poster x4 mounted; dress_form; suitcase x2
            boxes/box x3; rug centre; telephone on dressing_table {1910-2000} ~0.4; coat_stand corner
            screen/folding_screen ~0.5""",
        era=1960,
        walls=("brick wall", "paint wall"),
        floors=("planks floor", "linoleum floor"),
        palettes=("oxblood and brass", "nicotine", "drawing room"),
        features=("pipes", "skirting"),
        light=(20.0, "clear", "warm", 0.0),
        dressing=0.85,
        subject="dressing_table",
    ),
    Place(
        name="ballroom",
        words=("ballroom", "great hall", "throne room", "reception hall", "gallery", "palace hall"),
        size_m=((11.0, 14.0), (8.5, 10.5), (4.8, 6.2)),
        furnish="""
            chandelier x3 hanging; chair x8 against east; chair x8 against west; piano corner; mirror x4 mounted
            sofa x2 against west; side_table x2 against east; candelabra/floor_lamp x4; picture x6 mounted
            vase x2 on side_table; wall_lamp x8 mounted; plant x4 corner; rug centre""",
        era=1890,
        walls=("plaster wall", "wallpaper wall trim", "marble wall"),
        floors=("parquet floor", "marble floor"),
        palettes=("drawing room", "gas light", "deco"),
        openings="""
            double_door south 1.9x2.8; window north 1.3x3.0 sill 0.5 curtain; window north 1.3x3.0 sill 0.5 curtain
            window north 1.3x3.0 sill 0.5 curtain""",
        features=("columns", "cornice", "panelling", "skirting"),
        light=(21.0, "clear", "warm", 0.0),
        wear=0.2,
        subject="chandelier",
    ),
    Place(
        name="waiting room",
        words=("waiting room", "station hall", "departure lounge", "reception", "doctor's waiting room"),
        size_m=((5.4, 7.0), (4.4, 5.6), (2.7, 3.3)),
        furnish="""
            bench x2 against east; waiting_chair/chair x5 against west; counter against north
            office_chair/chair behind counter; coffee_table centre; magazines/papers x2 on coffee_table; plant x2 corner
            clock mounted north; poster x3 mounted; fluorescent x2 hanging; telephone on counter {1910-2010}; bin ~0.3
            lamp/table_lamp on counter ~0.4; sign mounted ~0.4; ashtray on coffee_table {-1995} ~0.3""",
        era=1975,
        walls=("paint wall trim", "plaster wall"),
        floors=("linoleum floor", "terrazzo floor"),
        palettes=("institution", "hospital green", "avocado and orange", "powder eighties"),
        openings="double_door south 1.6x2.1; window north 1.8x1.3 sill 0.9",
        light=(10.0, "overcast", "natural", 0.0),
        wear=0.4,
        subject="bench",
    ),
)
