"""Words that names are made of. All invented for this purpose; nobody is meant."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words("""
    Amber Ashen Autumn Bashful Bitter Bookish Borrowed Brittle Broken Bronze Candid Careful Chalky
    Clumsy Cobalt Copper Coral Crooked Curious Dappled Distant Dozing Drifting Dusty Eager Early
    Earnest Easterly Faded Faithful Feral Fickle Flannel Floral Foggy Forgotten Fragile Freckled
    Frosted Gallant Gentle Gilded Glassy Granite Hazel Hidden Hollow Humble Idle Indigo Inland Ivory
    Jagged Jovial Keen Knitted Lanky Late Lavender Leaden Linen Lonesome Loyal Lucid Marble Meek
    Mellow Midwinter Minor Modest Mossy Muffled Muted Narrow Nimble Northerly Oaken Oblong Ochre
    Olive Opal Orderly Painted Pale Patient Pewter Placid Polite Quaint Quiet Restless Rippled
    Rugged Rusted Sable Saffron Scarlet Secret Silken Sleepless Slender Smoky Solemn Spare Spotted
    Stubborn Sudden Sunlit Tardy Tender Tidal Timid Tranquil Umber Uneven Unhurried Upland Velour
    Vermilion Wandering Wayward Weary Westerly Whispered Wicker Wintry Wistful Woollen Zealous
""")

NOUNS = _words("""
    Acorn Almanac Anchor Anvil Apron Arcade Atlas Attic Awning Badger Balcony Banister Barge Barrel
    Basin Beacon Bellows Bicycle Birch Bobbin Bonfire Boulder Bramble Breaker Bridle Buoy Button
    Cabin Cable Candle Canopy Canyon Cartwheel Cellar Chapel Chimney Cinder Citadel Clover Cobbler
    Comet Compass Corridor Cottage Courtyard Crescent Curtain Dial Dovecote Drawbridge Driftwood
    Dune Elevator Ember Engine Envelope Estuary Fable Falcon Feather Fern Ferry Fiddlehead Field
    Flagpole Foothill Fountain Garden Gazebo Glacier Granary Hammock Harbour Hedgerow Heron Hinge
    Horizon Inkwell Island Jetty Kestrel Kettle Kingfisher Ladder Lagoon Lantern Ledger Lighthouse
    Locket Loom Magpie Mailbox Mallet Mantle Map Marigold Meadow Meridian Mill Mirror Monsoon Moth
    Notebook Orchard Otter Paddle Parasol Parlour Pebble Pendulum Pier Pinecone Plateau Pocket
    Postcard Quarry Quilt Raft Railing Raven Reed Ribbon Ridge River Rooftop Saddle Satchel Scaffold
    Semaphore Shutter Signal Skylight Sparrow Spindle Staircase Starling Station Suitcase Sundial
    Teapot Telegram Tide Timber Tollgate Tramline Trellis Tunnel Turnstile Typewriter Valley Veranda
    Viaduct Voyage Wagon Waterwheel Weathervane Window Windmill Workshop
""")

GERUNDS = _words("""
    Borrowing Breaking Building Calling Carrying Chasing Counting Crossing Drawing Feeding Finding
    Following Hiding Holding Keeping Leaving Lifting Losing Mending Naming Opening Painting Passing
    Reading Saving Sending Sharing Stealing Tracing Turning Waking Watching
""")

FIRST_NAMES = _words("""
    Adela Agnès Alba Amir Anders Anouk Aoife Arturo Aylin Bastian Beatriz Björn Callum Camille
    Carmen Chiara Cléo Daria Dmitri Edda Elif Elio Emeka Esme Fatima Femi Fiona Freya Gaspar Gemma
    Goran Hana Hugo Ibrahim Ilse Imani Ines Ismael Jasper Jonas Joséphine Jürgen Kaito Keira Kofi
    Lars Leila Linnea Lorenzo Lucía Magnus Mai Marek Marisol Mehmet Mina Nadia Naoki Nils Noor
    Odette Olga Omar Oskar Paloma Petra Priya Quentin Rafael Ravi Renée Rosa Rune Sanjay Selma
    Sigrid Søren Talia Tariq Tessa Theo Tomás Ulrike Valentin Vera Wanda Xavier Yara Yusuf Zoé
""")

SURNAME_HEADS = _words("""
    Alder Amble Ash Bracken Brindle Cask Cinder Cobble Dapple Drum Elder Fennel Flint Garrow Gorse
    Harrow Heather Hollin Juniper Kettle Larch Lorn Marsh Mossel Nettle Oster Pebble Quill Rowan
    Sedge Sorrel Tansel Thistle Umber Vetch Wexel Willow Yarrow Zell
""")

SURNAME_TAILS = _words("""
    bank beck bourne bright burrow combe croft dale fell ford gate hurst lund mere moor quist ridge
    shaw stead stone strand thwaite vale wald ward wick wold worth
""")
