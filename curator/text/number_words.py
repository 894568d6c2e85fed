"""Words that are numbers or say what a number counts: of English up to a million, the small ones of other big languages."""

from __future__ import annotations

from decimal import Decimal

_ENGLISH = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen"""
_BY_LANGUAGE = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf",
}
_OTHERS = {
    "de": {
        "beide": 2,
        "beiden": 2,
        "dutzend": 12,
        "zwanzig": 20,
        "dreißig": 30,
        "vierzig": 40,
        "fünfzig": 50,
        "hundert": 100,
    },
    "fr": {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100},
    "es": {"veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "cien": 100},
}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = """third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
    seventeenth eighteenth nineteenth"""
_TENTHS = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "short": "jan feb mar apr may jun jul aug sep oct nov dec",
}
_UNITS = """
    percent: % percent pct prozent procent процент процента процентов
    km: km kilometre kilometres kilometer kilometers kilometern kilomètres kilómetros
    m: m metre metres meter meters metern mètre mètres metro metros
    cm: cm centimetre centimetres centimeter centimeters zentimeter centimètres centímetros
    mm: mm millimetre millimetres millimeter millimeters millimètres milímetros
    mile: mile miles mi
    foot: foot feet ft
    inch: inch inches
    kg: kg kilo kilos kilogram kilograms kilogramm kilogrammes kilogramos
    g: g gram grams gramm gramme grammes gramos
    mg: mg milligram milligrams milligramm
    pound: lb lbs
    ton: ton tons tonne tonnes tonnen toneladas
    l: l litre litres liter liters litern litros
    ml: ml millilitre millilitres milliliter milliliters
    ha: ha hectare hectares hektar hectáreas
    km2: km² quadratkilometer quadratkilometern
    second: s sec second seconds sekunde sekunden seconde secondes segundo segundos
    minute: min minute minutes minuten minuto minutos
    hour: h hour hours stunde stunden heure heures hora horas
    day: day days tag tage tagen jour jours día días
    week: week weeks woche wochen semaine semaines semana semanas
    month: month months monat monate monaten mois mes meses
    year: year years jahr jahre jahren an ans année années año años
    dollar: $ dollar dollars usd
    euro: € euro euros eur
    sterling: £ pounds gbp
    yen: ¥ yen
    franc: franc francs franken chf
    kb: kb kilobyte kilobytes
    mb: mb megabyte megabytes
    gb: gb gigabyte gigabytes
    times: times fois mal veces
    celsius: °c celsius
    fahrenheit: °f fahrenheit
"""
_SCALES = {
    1_000: "thousand tausend mille mil mila duizend тысяч тысячи тыс 千",
    10_000: "万 萬",
    1_000_000: """million millions mn mln mio millionen millones millón milioni milione milhões milhão miljoen
    млн миллион миллиона миллионов""",
    10**8: "亿 億",
    10**9: "billion bn mrd milliarde milliarden milliard milliards miliardi miljard млрд миллиард миллиарда миллиардов",
    10**12: "trillion tn billionen",
}

SMALL = {word: number for number, word in enumerate(_ENGLISH.split())} | {"dozen": 12}
TENS = {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
ORDINALS = (
    {word: number for number, word in enumerate(_ORDINALS.split(), 3)}
    | {word: 10 * number for number, word in enumerate(_TENTHS.split(), 2)}
    | {"hundredth": 100, "thousandth": 1_000}
)
FIRST_TO_NINTH = {"first": 1, "second": 2} | {word: number for word, number in ORDINALS.items() if number < 10}
OTHER_LANGUAGES = {
    language: {word: number for number, word in enumerate(words.split())} | _OTHERS.get(language, {})
    for language, words in _BY_LANGUAGE.items()
}
HINTED = {"half": Decimal("0.5"), "both": Decimal(2), "pair": Decimal(2), "twice": Decimal(2), "double": Decimal(2)} | {
    "decade": Decimal(10), "century": Decimal(100), "triple": Decimal(3), "first": Decimal(1), "one": Decimal(1),
    "second": Decimal(2), "once": Decimal(1), "single": Decimal(1), "quarter": Decimal("0.25"),
}  # fmt: skip
"""Words that may be said again as a number, and are too many things besides to be called one themselves."""
MONTHS = {word: number for words in _MONTHS.values() for number, word in enumerate(words.split(), 1)} | {"sept": 9}
ALSO_WORDS = frozenset("may march mars mar mai maggio mei sep dec jun jan agosto".split())
"""Months that are other words too: they count in upper case, or beside a number."""
UNITS = {
    word: unit
    for unit, words in (line.split(":") for line in _UNITS.split("\n") if ":" in line)
    for word in words.split()
}
UNITS = {word: unit.strip() for word, unit in UNITS.items()}
SCALES = {word: Decimal(scale) for scale, words in _SCALES.items() for word in words.split()}
LONG_SCALE = frozenset({"de", "fr", "es", "it", "nl", "pl", "cs", "sv", "da", "no"})
"""Where a `billion` is 10^12."""
DECIMAL_COMMA = LONG_SCALE | frozenset(
    {"pt", "ru", "uk", "tr", "fi", "hu", "ro", "bg", "el", "hr", "sr", "sk", "sl", "id", "vi", "ca"}
)
