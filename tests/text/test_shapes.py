# ruff: noqa: RUF001
"""The shapes of texts: what asks and answers, what explains, and what must not be taken for either."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.shapes import question_and_answer_shaped, reference_shaped

ANSWER = (
    "The blade of a mower is best sharpened once in a season, and always before the grass begins to grow. "
    "A dull blade tears the tips of the leaves, so that they turn brown within a day or two."
)
FREQUENT_QUESTIONS = f"""Mowers

How often should the blade be sharpened?
{ANSWER}

What is a mulching kit?
{ANSWER}

Can wet grass be cut?
{ANSWER}"""

ASKS = {
    "headed": FREQUENT_QUESTIONS,
    "headed in markdown": FREQUENT_QUESTIONS.replace("How", "## How")
    .replace("What", "## What")
    .replace("Can", "## Can"),
    "marked": f"Fencing\nQ: Do posts need concrete?\nA: {ANSWER}\nQ: And rails?\nA: No.",
    "marked by words": f"Frage: Wie tief stehen die Pfosten?\nAntwort: {ANSWER}",
    "marked in Russian": "Вопрос: Нужен ли бетон?\nОтвет: Для тяжёлых ворот бетон нужен, а для забора хватит земли.",
    "marked in Chinese": "问：柱子要埋多深？\n答：埋入地下的部分应该是柱子总长度的三分之一左右，这样围栏在大风里依然稳固。",
    "the title asks": f"Why does grass turn brown after it is cut?\n{ANSWER}\nWater helps little.",
    "the title asks in Spanish": "¿Por qué se seca el césped?\nEl césped se seca porque las hojas pierden agua por el corte. "
    "Conviene afilar la cuchilla una vez al año y no cortar nunca más de un tercio de la altura de la hoja.",
    "the title asks in Greek": "Γιατί ξεραίνεται το γρασίδι;\nΤο γρασίδι ξεραίνεται επειδή τα φύλλα χάνουν νερό από την τομή τους. "
    "Η λεπίδα πρέπει να ακονίζεται μία φορά τον χρόνο.",
    "the title asks in Arabic": "لماذا يجف العشب بعد القص؟\nيجف العشب لأن الأوراق تفقد الماء من مكان القطع في الأيام الحارة. "
    "من الأفضل شحذ الشفرة مرة واحدة في السنة قبل بداية موسم النمو.",
    "a task and its answer": f"Answer the gardener.\n\nMy lawn is patchy. What can be done about it?\n\n{ANSWER}",
}
ASKS_NOT = {
    "hooks": f"Ready for a new lawn?\n{ANSWER}\nTired of weeds?\n{ANSWER}",
    "headlines": "What do polls say?\nMore on page two.\nWho won the race?\nSee all results.\nWhere is it?\nRead on.",
    "a novel": f'"How deep is it?"\n{ANSWER}\n"Where did he go?"\n{ANSWER}',
    "a transcript": f"Clerk: Where did you stand?\n{ANSWER}\nClerk: Who was with you?\n{ANSWER}",
    "mail": "From: a neighbour\n" + FREQUENT_QUESTIONS,
    "quoted mail": FREQUENT_QUESTIONS.replace("How often", "> How often"),
    "a privacy policy": FREQUENT_QUESTIONS.replace(
        "season", "season, under our privacy policy and the terms of use, as personal data"
    ),
    "an advertisement": FREQUENT_QUESTIONS.replace(". ", "! Buy now! Click! Subscribe! "),
    "questions without answers": "How deep are the posts?\nWhat is a rail?\nWhere is the gate?\nWhy is it open?\nWho knows?",
    "items of a list": f"A. {ANSWER}\nB. {ANSWER}\nP: 3\nR: 4",
    "prose that asks within": f"{ANSWER} But how does one know when it is time to do so? {ANSWER}",
    "a log": "12:01 GET /faq?\n12:02 GET /what?\n12:03 GET /how?\n" * 20,
}

EXPLAINS = {
    "English": """Peat

Peat is a deposit of partly decayed plants, which is found in wet places such as bogs and fens. It consists of the remains of moss.
The upper layer of a bog is called the acrotelm. Water moves through it quickly, and it is known as the living part of the bog.
In general, peat grows by about a millimetre a year. Where bogs are drained, for example by ditches, it decays.
Dried peat was burned for heat in many countries. In some of them, it is still dug by machines on wide and level fields in summer.
Gardeners mixed it with soil for pots, since it holds water and air. Compost of bark is now more often taken for this.""",
    "German": """Torf ist ein Sediment, das in Mooren entsteht. Es besteht aus Resten von Pflanzen, die im Wasser kaum zerfallen.
Die obere Schicht eines Moores wird als Akrotelm bezeichnet. In ihr wachsen zum Beispiel Torfmoose.
Getrockneter Torf wurde in vielen Ländern als Brennstoff genutzt, und heute dient er beispielsweise im Gartenbau als Zusatz.
Entwässerte Moore verlieren in wenigen Jahrzehnten, was in Jahrtausenden gewachsen war. Daher werden sie vielerorts wieder vernässt.
Moore bedecken etwa drei Prozent der Landfläche der Erde. Die größten liegen in Russland und Kanada sowie in den Tropen.
In Torfschichten bleiben Pollen erhalten, aus denen sich die Geschichte der Wälder einer Gegend ablesen lässt.""",
    "Chinese": """泥炭是一种由植物残体在潮湿环境中不完全分解而形成的有机沉积物。它主要分布在沼泽和湿地之中，例如北方的苔藓沼泽。
泥炭地的上层称为活动层，水在这一层中流动较快，苔藓等植物也在这里生长。下层则长期被水淹没，分解十分缓慢。
在许多国家，干燥的泥炭曾经用作燃料，比如冬季取暖和做饭。如今它更多地用于园艺，因为它能够同时保持水分和空气。
排干的泥炭地会在几十年之内失去几千年积累的物质，也就是说，其中的碳会重新回到大气之中。因此恢复湿地被看作保护气候的重要措施。
泥炭地大约覆盖全球陆地面积的百分之三，主要位于俄罗斯和加拿大的北部地区，以及印度尼西亚等热带国家的沿海平原。""",
}
NEWS = """Peat prices rose on Monday after three diggers closed, the trade group said in a statement on its site.
The board is the largest buyer in the county and paid a fifth more than a year ago, its chairman said.
Stocks were lower at the end of the week. Dealers said that the wet summer had kept machines off the fields.
Shares of the group fell in late trade. It will report results for the third quarter on Thursday, it said.
The union called for talks. It said that sixty workers had been told to stay at home until the end of May."""
EXPLAINS_NOT = {
    "news": NEWS,
    "a letter": EXPLAINS["English"]
    .replace("Peat", "I think that my peat")
    .replace(". ", ". We told you so, and I like it. "),
    "an advertisement": EXPLAINS["English"].replace(". ", "! Buy now! "),
    "terms": EXPLAINS["English"].replace("peat", "this agreement, hereby a warranty and liability"),
    "code": "def peat(depth):\n    return {depth: depth * 2}  # such as this, for example, is called peat.\n" * 12,
    "a list": "Peat, such as moss\nTurf, for example sods\nMarl, known as clay\nLoam, also called earth\n" * 10,
    "a table": EXPLAINS["English"].replace(" ", " 17 "),
    "a log": "2024-05-01 12:00:01 peat worker such as 4 is called by 5, for example, and consists of 9.\n" * 20,
    "one short definition": "Peat is a deposit of plants, such as moss, which is called turf where it consists of sods.",
}


def found(shaped, texts):
    return dict(zip(texts, shaped(pa.array(list(texts.values()))).tolist(), strict=True))


def test_texts_that_ask_and_answer_are_found():
    assert found(question_and_answer_shaped, ASKS) == dict.fromkeys(ASKS, True)


def test_texts_that_only_look_like_asking_are_not():
    assert found(question_and_answer_shaped, ASKS_NOT) == dict.fromkeys(ASKS_NOT, False)
    assert not question_and_answer_shaped(pa.array(list(EXPLAINS.values()))).any()


def test_works_of_reference_are_found():
    assert found(reference_shaped, EXPLAINS) == dict.fromkeys(EXPLAINS, True)


def test_texts_that_only_look_like_explaining_are_not():
    assert found(reference_shaped, EXPLAINS_NOT) == dict.fromkeys(EXPLAINS_NOT, False)
    assert not reference_shaped(pa.array(list(ASKS.values()))).any()


LINES = st.sampled_from(
    [
        *FREQUENT_QUESTIONS.split("\n"),
        *EXPLAINS["English"].split("\n"),
        "Q: Why?",
        f"A: {ANSWER}",
        "\u200f",
        "中？",
        "> a",
    ]
)
TEXTS = st.lists(st.one_of(st.none(), st.lists(LINES, max_size=9).map("\n".join)), max_size=6)


@pytest.mark.parametrize("shaped", [question_and_answer_shaped, reference_shaped])
@settings(deadline=None, max_examples=25)  # Arrow compiles the expressions anew in every call
@given(texts=TEXTS)
def test_a_shape_is_the_same_whatever_stands_beside_the_text(shaped, texts):
    together = shaped(pa.array(texts, pa.string()))
    assert (str(together.dtype), together.shape) == ("bool", (len(texts),))
    assert [shaped(pa.array([text], pa.large_string())).item() for text in texts] == together.tolist()
    assert shaped(pa.array(["x?", *texts], pa.string()).slice(1)).tolist() == together.tolist()


@pytest.mark.parametrize("shaped", [question_and_answer_shaped, reference_shaped])
@pytest.mark.parametrize(
    "text", ["", "?", "\n" * 1_000_000, "a" * 1_000_000, "?\n" * 100_000, "Why? " * 100_000, "\u202b中。" * 100_000]
)
def test_monotonous_texts_have_no_shape(shaped, text):
    assert not shaped(pa.array([text])).any()


@pytest.mark.parametrize("shaped", [question_and_answer_shaped, reference_shaped])
def test_a_text_cut_inside_a_character_is_read_all_the_same(shaped):
    whole = (ASKS["marked in Chinese"] + "\n" + EXPLAINS["Chinese"]).encode()
    cut = pa.array([whole[: len(whole) - width] for width in range(7)], pa.binary()).view(pa.string())
    assert shaped(cut).shape == (7,)
