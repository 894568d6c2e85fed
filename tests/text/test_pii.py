from __future__ import annotations

import base64
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.pii import KINDS, PLACEHOLDERS, treat_pii

ALL_MASKED = dict.fromkeys(KINDS, "mask")


def treated(*texts: str | None) -> tuple[list[str | None], list[dict[str, int]]]:
    masked, counts = treat_pii(pa.array(texts, pa.large_string()), ALL_MASKED)
    return masked.to_pylist(), [
        {name.removeprefix("pii_"): count for name, count in row.items() if count} for row in counts.to_pylist()
    ]


def luhn(digits: str) -> str:
    """The digits with their check digit, after the definition in ISO/IEC 7812-1."""
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(digits[::-1])
    )
    return digits + str(-total % 10)


def iban(country: str, account: str) -> str:
    number = "".join(str(int(character, 36)) for character in account + country + "00")
    return f"{country}{98 - int(number) % 97:02}{account}"


def random_token(length: int) -> str:
    return base64.b64encode(random.Random(7).randbytes(2 * length), b"a1").decode()[:length]


EMAILS = [
    "jane.doe@firma.de",
    "J_Doe+news@mail.uni-x.ac.uk",
    "o%x@a-b.museum",
    "doe@FIRMA.COM",
    "1@163.com",
    "邮箱me@firma.cn",
]
ADDRESSES = [
    "100.24.7.255",
    "host 8.8.8.8",
    "[5.1.2.3]",
    "http://151.101.1.69:80/",
    "2a00:1450:4001:81b::200e",
    "(93.184.216.34)",
]
PHONES = [
    *("(212) 555-0142", "212-555-0142", "1-212-555-0142", "212.555.0142", "(212)555-0142", "212 555-0142", "212 555 0142"),
    *("+1 212 555 0142", "+12125550142", "+1 (212) 555-0142", "tel: 2125550142", '"phone": "2125550142"'),
    *("+44 20 7946 0018", "+44 (0)20 7946 0018", "020 7946 0018", "(020) 7946 0018", "0161 496 0018", "01632 960018"),
    *("07700 900018", "07700 900 018", "0044 20 7946 0018", "call 07700900018"),
    *("+49 30 23125 018", "+49 (0)30 23125-018", "030 23125018", "030/23125018", "0171 3920018", "(030) 23125 018"),
    *("+33 1 99 00 12 34", "01 99 00 12 34", "01.99.00.12.34", "01-99-00-12-34", "+33 6 39 98 00 18", "tél. : 01 99 00 12 34"),
    *("Tel. 089 123456", "+91 98765 43210", "+39 06 5550 1234", "+358 40 1234567", "+7 495 555-01-42", "Phone: 555-0142 33"),
]  # fmt: skip
CARDS = [
    "4111 1111 1111 1111",
    luhn("555555555555444"),
    luhn("37828224631000"),
    "3714-496353-98431",
    "6011-1111-1111-1117",
]
IBANS = [
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "FR14 2004 1010 0505 0001 3M02 606",
    iban("NO", "86011117947"[:11]),
]
KEYS = [
    "AKIA2E0A8F3B244C9986",
    "ghp_" + random_token(36),
    "sk-" + random_token(48),
    "sk-proj-" + random_token(60),
    "xoxb-123456789012-" + random_token(24),
    "AIza" + random_token(35),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + random_token(43),
    'api_key = "' + random_token(32) + '"',
    "client-secret: " + random_token(40),
    "Authorization: Bearer " + random_token(40),
    "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join([random_token(64)] * 5) + "\n-----END RSA PRIVATE KEY-----",
]
EXAMPLES = {"email": EMAILS, "ip": ADDRESSES, "phone": PHONES, "card": CARDS, "iban": IBANS, "key": KEYS}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in EXAMPLES.items() for text in texts])
def test_personal_data_is_found_alone_and_in_a_sentence(kind: str, text: str) -> None:
    for around in ("{}", "See {}.", "({})", "<b>{}</b>, etc.", "\n{}\n"):
        masked, counts = treated(around.format(text))
        assert counts == [{kind: 1}], around
        assert str(masked[0]).count(PLACEHOLDERS[kind]) == 1


@pytest.mark.parametrize(
    "text",
    [
        *(
            "someone@example.com",
            "x@sub.example.org",
            "root@localhost",
            "user@printer.local",
            "icon@2x.png",
            "react@18.2.0",
        ),
        *("git@github.com:owner/name.git", "a @ b.com", "@handle.name", "In article <1993Apr15.1@host.edu> he wrote"),
        *(
            "192.168.100.200",
            "10.0.0.138",
            "127.0.0.1",
            "192.0.2.44",
            "203.0.113.7",
            "255.255.255.0",
            "256.100.100.100",
        ),
        *("version 11.20.130.4", "v11.20.130.4", "Chrome/111.0.20.140", "section 10.2.130.4", "1.2.3.4", "3.1.4.159"),
        *(
            "1.3.6.1.4.1.311",
            "2001:db8::1",
            "fe80::1:2",
            "12:30:45",
            "std::vector",
            "2022:: a year",
            "00:1b:44:11:3a:b7",
        ),
        *(
            "ISBN 0-306-40615-2",
            "ISBN 978-0-306-40615-7",
            "978 3 16 148410 0",
            "arXiv:2101.01234",
            "1990-1995",
            "1985 1990 1995",
        ),
        *(
            "2024-05-17 10:20:30",
            "17.05.2024 10:20",
            "$1,234,567.89",
            "3.14159265358979",
            "200 300 400 500 600 700",
            "01 02 03 04 05",
        ),
        *(
            "212 555 0142 333 444 5555",
            "123e4567-e89b-12d3-a456-426614174000",
            "48.858370, 2.294481",
            "10000000000",
            "0.020 7946 0018",
        ),
        *(
            "3-16-148410-0",
            "Patent 4,123,456",
            "doi:10.1000/182.020",
            "id=2125550142",
            "/2125550142/",
            "1234-5678-9012",
            "+0000 1234567",
        ),
        *(
            "4111 1111 1111 1112",
            "1234 5678 9012 3456",
            "0.4111111111111111",
            "9999999999999995",
            "4444 4444 4444 4444",
        ),
        *("DE89370400440532013001", "GB82 WEST 1234 5698 7654", "XX82WEST12345698765432"),
        *(
            "AKIAIOSFODNN7EXAMPLE",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sk-learn-is-a-library-for-machine-learning",
        ),
        *(
            "api_key = get_the_api_key_from_somewhere()",
            "token: xxxxxxxxxxxxxxxxxxxxxxxx",
            "-----BEGIN PUBLIC KEY-----",
        ),
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    for around in ("{}", "See {}.", "({})"):
        assert treated(around.format(text)) == ([around.format(text)], [{}])


def test_each_kind_has_a_placeholder_and_the_rest_of_the_text_stays() -> None:
    masked, counts = treated("Größe: mail a@b.de, tel. 212-555-0142 → GB82 WEST 1234 5698 7654 32 (100.24.7.255)\n")
    assert masked == ["Größe: mail <EMAIL>, tel. <PHONE> → <IBAN> (<IP>)\n"]
    assert counts == [{"email": 1, "phone": 1, "iban": 1, "ip": 1}]


def test_a_kind_that_is_counted_stays_in_the_text_and_one_without_action_is_not_looked_for() -> None:
    text = pa.array(["a@b.de, 212-555-0142, 100.24.7.255"])
    masked, counts = treat_pii(text, {"phone": "mask", "email": "count"})
    assert masked.to_pylist() == ["a@b.de, <PHONE>, 100.24.7.255"]
    assert counts.to_pydict() == {"pii_email": [1], "pii_phone": [1]}
    assert counts.schema.types == [pa.int32(), pa.int32()]


def test_nothing_is_looked_for_without_actions() -> None:
    masked, counts = treat_pii(pa.array(["a@b.de", None]), {})
    assert masked.to_pylist() == ["a@b.de", None]
    assert counts.num_columns == 0


def test_null_stays_null_and_slices_and_empty_columns_are_accepted() -> None:
    text = pa.array(["a@b.de", None, "", "c@d.de 1"])
    masked, counts = treat_pii(text.slice(1), ALL_MASKED)
    assert masked.to_pylist() == [None, "", "<EMAIL> 1"]
    assert counts["pii_email"].to_pylist() == [0, 0, 1]
    masked, counts = treat_pii(pa.array([], pa.string()), ALL_MASKED)
    assert (len(masked), counts.num_rows, counts.num_columns) == (0, 0, len(KINDS))


def test_a_document_does_not_see_its_neighbours() -> None:
    assert treated("1", "212-555-0142", "5", "a", "@b.de", "version", "11.20.130.4")[1] == [
        {},
        {"phone": 1},
        {},
        {},
        {},
        {},
        {"ip": 1},
    ]


def test_what_stands_alone_after_its_neighbour_was_masked_is_masked_too() -> None:
    assert treated("212 555 0142 100.24.7.255") == (["<PHONE> <IP>"], [{"phone": 1, "ip": 1}])


def test_more_candidates_than_the_first_guess_of_their_number_are_all_found() -> None:
    masked, counts = treated("a@b.de " * 5000)
    assert counts == [{"email": 5000}]
    assert masked == ["<EMAIL> " * 5000]


PIECES = st.sampled_from(
    [text for texts in EXAMPLES.values() for text in texts]
    + [
        *PLACEHOLDERS.values(),
        "tel",
        "call ",
        "version ",
        "host ",
        "In <",
        "secret: ",
        "@",
        ".",
        "-",
        "+",
        "(",
        ")",
        "/",
        ":",
        "::",
        " ",
        "\n",
    ]
    + [
        "0",
        "1",
        "12",
        "212",
        "0044",
        "2001:",
        "é",
        "\u00a0",
        "\u2011",
        "😀",
        ",",
        "a",
        "A",
        "DE",
        "-----BEGIN ",
        '"',
        "=",
        "_",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join), st.text("0123456789+-. ()@:aAé"))


@settings(deadline=None, max_examples=400)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=4))
def test_masking_twice_is_masking_once_and_counts_are_replacements(texts: list[str | None]) -> None:
    masked, counts = treated(*texts)
    assert treated(*masked) == (masked, [{}] * len(texts))
    for before, after, count in zip(texts, masked, counts, strict=True):
        for kind, placeholder in PLACEHOLDERS.items():
            assert (after or "").count(placeholder) - (before or "").count(placeholder) == count.get(kind, 0)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "1",
            "@",
            ".",
            "-",
            ":",
            "+",
            "(",
            "0 ",
            "a@",
            "a.",
            "1.",
            "a@b.",
            "a@b.cc@",
            "2001:",
            "DE89 ",
            "+49 30 ",
            "tel 1",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "eyJ" + "a1" * 9 + ".",
            "secret a1B-a1B-a1B-a1B-a1B-a1B",
            "é",
            "\u200b",
            "\u05d0",
        ),
    ],
)
def test_long_monotonous_texts_take_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    masked, counts = treated(text)
    assert (masked == [text]) == (counts == [{}])
