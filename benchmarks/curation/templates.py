"""Pages that sites make by the thousand from one frame: products, weather, flats, directories, matches, archives, parked domains.

A `{word}` is drawn once for a page, a `{word*}` anew each time, and `{30}` is a number of 1 to 30.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from .sources import Page

WORDS: Mapping[str, Sequence[str]] = {
    "brand": "Avenor Brillox Castwell Dunmare Everpine Fjordline Gelvara Hartmoor Inovix Jaspero Kelmont Lumera Norvik".split(),
    "thing": (
        "cordless drill|desk lamp|garden hose|phone case|coffee grinder|office chair|water bottle|yoga mat|travel pillow|"
        "laptop sleeve|wall clock|shower curtain|tool box|running belt|bike light|kitchen scale|bed frame|door mat"
    ).split("|"),
    "quality": "premium durable lightweight compact modern classic stylish portable waterproof ergonomic versatile".split(),
    "colour": "black white silver red navy grey olive beige teal walnut".split(),
    "material": "steel|aluminium|bamboo|cotton|silicone|polyester|oak veneer|tempered glass|recycled plastic".split(
        "|"
    ),
    "town": (
        "Aldersby|Brackwater|Cedar Falls|Drummond|East Harbour|Fenwick|Glenrow|Highmoor|Kingsferry|Lakeview|Marlow Heath|"
        "Northgate|Oakham Cross|Pinecrest|Redcliff|Stonebridge|Thornbury|Westhaven"
    ).split("|"),
    "street": "Mill Lane|Station Road|Church Street|Oak Avenue|Harbour Drive|Park View|Victoria Terrace|Bridge Street".split(
        "|"
    ),
    "trade": "Plumbing|Dental Care|Auto Repair|Roofing|Bakery|Locksmiths|Tax Advice|Florists|Carpet Cleaning|Driving School".split(
        "|"
    ),
    "family": "Adler Benson Carver Doyle Ellis Foster Grange Hollis Irwin Jarvis Keller Lowe Mercer Norris".split(),
    "sky": "sunny|partly cloudy|overcast|light rain|showers|drizzle|fog patches|thunderstorms|clear".split("|"),
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "month": "January February March April May June July August September October November December".split(),
    "animal": "Rovers United Wanderers Athletic Rangers Falcons Badgers Comets Mariners".split(),
    "wind": "north|north-east|east|south-east|south|south-west|west|north-west".split("|"),
    "unit": "inches|feet|miles|ounces|pounds|gallons|acres|pints".split("|"),
    "metric": "centimetres|metres|kilometres|grams|kilograms|litres|hectares|millilitres".split("|"),
    "praise": (
        "Works as described.|Great value for the price.|Arrived quickly, well packed.|My husband loves it.|Not what I expected.|"
        "Would buy again.|Five stars!|Does the job.|Exactly like in the picture.|Stopped working after {12} weeks."
    ).split("|"),
}

FRAMES: Mapping[str, tuple[str, str, str]] = {
    # kind: what stands above, what is repeated, what stands below
    "product": (
        "{brand} {thing} {9000} - {quality} {colour} | Free shipping\n\nHome > Shop > {thing} > {brand}\n\nPrice: ${240}.99\n"
        "In stock. Order within {90} minutes for delivery on {day}.\nAdd to cart  Add to wish list  Compare\n\n"
        "The {brand} {thing} is a {quality} {thing} made of {material}. Whether at home or on the go, this {quality} {thing} is "
        "the perfect choice for you. Thanks to its {quality*} design the {brand} {thing} fits every need.\n\nSpecifications\n"
        "Colour: {colour}\nMaterial: {material}\nWeight: {4000} g\nModel: {brand}-{9000}",
        "Customer review by {family*}, {28} {month*}: {praise*}",
        "Customers also bought: {brand*} {thing*}, {brand*} {thing*}, {brand*} {thing*}\nWas this review helpful? Yes No",
    ),
    "weather": (
        "Weather in {town}: forecast for the next days\n\nToday in {town}: {sky}, highs of {34} degrees, wind from the {wind}.\n"
        "Sunrise {8}:{59}, sunset {9}:{59} pm. Chance of rain {100} %.",
        "{day*} {28} {month}: {sky*}. High {34}, low {18}. Wind {wind*} at {60} km/h. Chance of rain {100} %.",
        "See also: weather in {town*}, weather in {town*}, weather in {town*}. Data are updated every {60} minutes.",
    ),
    "flats": (
        "{900} flats and houses to rent in {town}\n\nSort by: price | size | newest\nSave this search  Create an alert",
        "{5} bedroom {quality*} flat, {street*}, {town}\n${4000} per month - {2500} square feet - available from {28} {month*}\n"
        "Contact agent: {family*} Lettings  Call  Email  Details",
        "Page 1 of {40}  Next\nSearches nearby: {town*}, {town*}, {town*}",
    ),
    "directory": (
        "{trade} in {town} - the {25} best {trade} companies near you\n\nLooking for {trade} in {town}? Compare quotes from local "
        "{trade} companies in {town} and save up to {60} %.",
        "{family*} {trade}\n{200} {street*}, {town}\nPhone: 555-{9999}\nRating: {800} votes\nDirections | Website | Write a review",
        "Are you a {trade} company in {town}? Add your business for free.",
    ),
    "matches": (
        "{town} {animal} fixtures, results and table\n\nLast match: {town} {animal} {4} - {4} {town*} {animal*}",
        "{28} {month*}  {town*} {animal*} v {town*} {animal*}  {5}-{5}  Report | Stats | Tickets",
        "Get {town} {animal} tickets from ${80}. Live scores, line-ups and odds every {day}.",
    ),
    "archive": (
        "Archive for {month}\n\nYou are browsing the archive for {month}. There are {60} posts in this category.",
        "Posted by admin on {month} {28} in {trade*} | {50} comments | Tags: {thing*}, {colour*}, {town*}, {quality*}",
        "Older entries  Newer entries\nPowered by {brand}. Theme: {quality} {colour}.",
    ),
    "units": (
        "How much is {500} {unit} in {metric}? Convert {unit} to {metric}\n\nOur converter turns {unit} into {metric}. Type a "
        "number of {unit} and get {metric} at once.",
        "{500} {unit} = {2000}.{999} {metric}",
        "Other converters: {unit*} to {metric*}, {unit*} to {metric*}, {unit*} to {metric*}",
    ),
    "parked": (
        "{brand}{town}.example is for sale\n\nThe owner of this domain is offering it for a price of {9500} USD. This page is "
        "shown because nothing has been published here yet.",
        "Related search: {thing*} {town*} | {trade*} near me | {quality*} {thing*} | {brand*} {thing*} price",
        "The sponsored listings above are served automatically by a third party. Privacy policy.",
    ),
}
SLOT = re.compile(r"\{(\w+)(\*?)\}")


def template_pages(choice: np.random.Generator) -> Iterator[Page]:
    """Pages without end, each of a frame drawn at random, with 5 to 40 repeated parts."""
    kinds, number = list(FRAMES), 0
    while True:
        number += 1
        kind = kinds[choice.integers(len(kinds))]
        yield Page(f"template/{kind}/{number}", page_of(kind, choice))


def page_of(kind: str, choice: np.random.Generator) -> str:
    above, repeated, below = FRAMES[kind]
    fill = filling(choice)
    return "\n\n".join([fill(above), "\n".join(fill(repeated) for _ in range(choice.integers(5, 40))), fill(below)])


def filling(choice: np.random.Generator) -> Callable[[str], str]:
    """A function that fills slots; those without a star are the same in all that it fills, but for numbers."""
    drawn: dict[str, str] = {}

    def word(slot: re.Match[str]) -> str:
        name, fresh = slot[1], bool(slot[2])
        if name.isdigit():
            return str(choice.integers(1, int(name) + 1))
        if fresh or name not in drawn:
            found = SLOT.sub(word, WORDS[name][int(choice.integers(len(WORDS[name])))])
            if fresh:
                return found
            drawn[name] = found
        return drawn[name]

    return lambda frame: SLOT.sub(word, frame)
