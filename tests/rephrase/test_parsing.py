# ruff: noqa: RUF001
"""What comes back is text in its form, or one reason; what a document says itself is never taken for the model's own talk."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.rephrase.meta_talk import talk_of_the_text
from curator.rephrase.parsing import Parsed, joined, parsed
from curator.rephrase.requests import CUT, FAILED, STOPPED, Response
from curator.rephrase.strategy import Strategy, load_strategies
from curator.rephrase.templates import instructions, rendered

BY_NAME = {s.name: s for s in load_strategies(Rephrase(http=HttpEngine(url="http://host/v1", model="m")))}
SOURCE = "The Rhine is 1,233 km long. It rises in Switzerland and flows into the North Sea."
BODY = "The Rhine, 1,233 km long, comes from Switzerland and ends in the North Sea."
FORMS = {
    "questions": "Where does the Rhine rise?\nIn Switzerland.\n\nHow long is it?\n1,233 km.",
    "dialogue": "A: Where does the Rhine rise?\n\nB: In Switzerland.\n\nA: And how long is it?\n\nB: It has 1,233 km.",
    "list": "- The Rhine is 1,233 km long.\n- The Rhine rises in Switzerland.",
    "table": "| River | Length |\n|---|---|\n| Rhine | 1,233 km |",
    "text": BODY,
}


def given_back(text: str, name: str = "encyclopaedia", source: str = SOURCE, outcome: str = STOPPED) -> Parsed:
    return parsed(Response(key="k", outcome=outcome, text=text), BY_NAME[name], source)


def paraphrase(body: str, source: str = SOURCE) -> Parsed:
    return given_back(f"Paraphrase:\n{body}", source=source)


def formed(body: str, name: str) -> Parsed:
    opening = BY_NAME[name].opening
    return given_back(f"{opening}\n\n{body}" if opening else body, name)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_good_answer_of_every_strategy_is_its_text(name: str) -> None:
    body = FORMS[BY_NAME[name].parser]
    assert formed(body, name) == Parsed(text=body)


def test_an_answer_that_was_cut_is_truncated() -> None:
    assert given_back("Paraphrase:\nThe Rhine comes from", outcome=CUT) == Parsed(
        reason="truncated", detail="Paraphrase:\nThe Rhine comes from"
    )


@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nThe user wants a paraphrase.\n</think>\n\n",
        "  <think></think>",
        "[THINK]Paraphrase:[/THINK]",
        "<Reasoning>1. Read.</Reasoning>\n<think>2. Write.</think>\n",
        "The beginning stands in the prompt.\n</think>\n",
    ],
)
@pytest.mark.parametrize("name", ["encyclopaedia", "dialogue"])
def test_what_a_model_thinks_first_is_removed(thought: str, name: str) -> None:
    strategy = BY_NAME[name]
    body = FORMS[strategy.parser]
    answer = f"{strategy.opening}\n\n{body}" if strategy.opening else body
    assert given_back(thought + answer, name) == Parsed(text=body)


@pytest.mark.parametrize("name", ["encyclopaedia", "dialogue"])
def test_an_answer_that_never_ends_to_think_is_rejected(name: str) -> None:
    answer = f"<think>\nThe user wants this:\n{BY_NAME[name].opening or ''}\n{FORMS[BY_NAME[name].parser]}"
    found = given_back(answer, name)
    assert (found.reason, found.detail[:22], found.text) == ("thinking", "<think>\nThe user wants", "")
    assert given_back(answer, name, outcome=CUT).reason == "truncated"
    assert given_back("<think>all of it</think>", name).reason == "empty"


def test_a_text_about_thinking_models_keeps_its_tags() -> None:
    source = "A model may write <think> first and </think> when it has thought. Then it answers."
    body = "Some models write <think> first, and </think> when they have thought."
    assert paraphrase(body, source) == Parsed(text=body)


def test_a_request_that_failed_says_why() -> None:
    assert given_back("", outcome=f"{FAILED}: status 500") == Parsed(reason="failed", detail="status 500")


@pytest.mark.parametrize(
    "text", ["", " \n", "Paraphrase:", "**Paraphrase:**\n\n", "```\n\n```", "Paraphrase:\n```\n\n```", "---"]
)
def test_an_answer_without_text_is_empty_or_has_no_opening(text: str) -> None:
    assert given_back(text).reason in ("empty", "missing_opening" if text == "---" else "empty")


@pytest.mark.parametrize(
    "opening",
    [
        *[
            "Paraphrase:\n",
            "paraphrase:\n\n",
            "**Paraphrase:**\n",
            "**Paraphrase**:\n",
            "## Paraphrase\n",
            '"Paraphrase:"\n',
        ],
        *[
            "“Paraphrase:”\n\n",
            "Paraphrase: ",
            "*Paraphrase*\n",
            "  PARAPHRASE :\n",
            "> Paraphrase:\n",
            "Paraphrase：",
            "`Paraphrase:`\n",
        ],
    ],
)
def test_an_opening_line_may_differ_in_trifles(opening: str) -> None:
    assert given_back(opening + BODY) == Parsed(text=BODY)


@pytest.mark.parametrize(
    "text",
    [BODY, f"Paraphrases:\n{BODY}", "Paraphrase of the Rhine is hard.", f"Text:\n{BODY}", f"{BODY}\nParaphrase:"],
)
def test_an_answer_without_its_opening_line_is_not_taken(text: str) -> None:
    assert given_back(text).reason == "missing_opening"


@pytest.mark.parametrize(
    "wrapped", ["```\n{}\n```", "```text\n{}\n```", "---\n{}\n---", "~~~\n{}\n~~~", "\n\n {} \r\n"]
)
def test_fences_and_rules_around_all_of_an_answer_are_removed(wrapped: str) -> None:
    assert given_back(wrapped.format(f"Paraphrase:\n{BODY}")) == Parsed(text=BODY)
    assert given_back(f"Paraphrase:\n{wrapped.format(BODY)}") == Parsed(text=BODY)


def test_code_inside_of_an_answer_stays() -> None:
    body = "```\na = 1\n```\n\nThen it is two.\n\n```\na = 2\n```"
    assert paraphrase(body) == Parsed(text=body)


@pytest.mark.parametrize("name", BY_NAME)
def test_eight_words_of_the_instructions_are_an_echo(name: str) -> None:
    longest = max((line for piece in instructions(BY_NAME[name].prompt) for line in piece.splitlines()), key=len)
    words = longest.split()
    body = FORMS[BY_NAME[name].parser]
    assert formed(f"{body}\n{' '.join(words[:12])}", name).reason == "prompt_echo"
    assert formed(f"{body}\n{' '.join(words[:5])}", name).reason != "prompt_echo"


@pytest.mark.parametrize("line", ["--- the text ends ---", "The text begins:"])
def test_a_whole_line_of_the_instructions_is_an_echo(line: str) -> None:
    assert paraphrase(f"{BODY}\n{line}").reason == "prompt_echo"


@pytest.mark.parametrize("strategy", BY_NAME.values(), ids=lambda strategy: strategy.name)
def test_a_prompt_that_comes_back_is_an_echo(strategy: Strategy) -> None:
    assert given_back(rendered(strategy.prompt, SOURCE, "English"), strategy.name).reason == "prompt_echo"


def test_instructions_that_stand_in_the_source_are_no_echo() -> None:
    rule = "Copy numbers, names, dates, units and technical terms exactly."
    assert paraphrase(f"{BODY} {rule}").reason == "prompt_echo"
    assert paraphrase(f"{BODY} {rule}", source=f"{SOURCE} {rule}") == Parsed(text=f"{BODY} {rule}")


BEGINNINGS = [
    *[
        "Sure! {}",
        "Certainly! Here is it.\n{}",
        "Of course, here is a shorter one.\n\n{}",
        "Here is the paraphrased text:\n\n{}",
    ],
    *[
        "Here's a simplified version of the passage.\n{}",
        "**Here is the text you asked for:**\n\n{}",
        "Here is the entry:\n\n{}",
    ],
    *[
        "As an AI language model, I cannot read. {}",
        "I have rewritten the text.\n\n{}",
        "I'm sorry, but I can't. {}",
        "Note: I kept all. {}",
    ],
    *[
        "I cannot rewrite this. {}",
        "Rewritten text:\n{}",
        "Below is a summary. {}",
        "Okay, let me try. {}",
        "Here’s my rewrite: {}",
    ],
    *[
        "Klar! {}",
        "Gerne, hier ist es: {}",
        "Hier ist die umformulierte Fassung:\n\n{}",
        "Ich habe den Text vereinfacht. {}",
    ],
    *["Als KI-Modell kann ich das nicht. {}", "Es tut mir leid, aber ich kann das nicht. {}"],
    *[
        "Bien sûr ! {}",
        "Voici une version simplifiée du texte :\n{}",
        "J’ai reformulé le texte. {}",
        "Voici le texte :\n\n{}",
    ],
    *["En tant que modèle de langage, je ne sais pas. {}", "Désolé, je ne peux pas. {}"],
    *[
        "¡Claro! {}",
        "Aquí tienes el texto reescrito: {}",
        "He reescrito el texto. {}",
        "Lo siento, no puedo. {}",
        "A continuación, la versión: {}",
    ],
]
ENDS = [
    *[
        "{}\n\nLet me know if you need anything else!",
        "{} Let me know if I should change it.",
        "{}\n\nI hope this helps!",
    ],
    *[
        "{}\n\nNote: I kept all the numbers.",
        "{}\n\n(Note: This paraphrase keeps all the facts of the original, word for word or nearly so.)",
    ],
    *[
        "{}\n\n*Please note that I left out the menu.*",
        "{}\nWould you like me to shorten it?",
        "{}\n\nFeel free to ask for changes.",
    ],
    *[
        "{}\n\nIf you want another version, just ask.",
        "{}\n\nIs there anything else I can do?",
        "{}\n\nThis rewritten text keeps it all.",
    ],
    *[
        "{}\n\nLass mich wissen, ob das passt.",
        "{}\n\nHinweis: Ich habe nichts ergänzt.",
        "{} Ich hoffe, das hilft!",
        "{}\n\nSag einfach Bescheid.",
    ],
    *[
        "{}\n\nN'hésitez pas à me demander autre chose.",
        "{}\n\nRemarque : j'ai gardé les chiffres.",
        "{}\n\nFaites-moi savoir si cela convient.",
    ],
    *[
        "{}\n\nAvísame si quieres otra.",
        "{}\n\nNota: he conservado los números.",
        "{}\n\n¿Quieres que lo cambie?",
        "{}\n\nEspero que te sirva.",
    ],
]


@pytest.mark.parametrize("talk", BEGINNINGS + ENDS)
def test_talk_about_the_task_at_the_beginning_or_end_is_found(talk: str) -> None:
    assert paraphrase(talk.format(BODY)).reason == "meta_talk"


OUTSIDE = [
    "This text is about a bridge.",
    "It is old, as the text says.",
    "The short excerpt is on a bridge.",
    "The passage describes a bridge.",
    "Dieser Text handelt von einer Brücke.",
    "Ce texte parle d'un pont.",
    "Según el texto, es un puente.",
]


@pytest.mark.parametrize("talk", OUTSIDE)
def test_who_describes_the_text_from_outside_is_found_wherever_he_does(talk: str) -> None:
    assert paraphrase(f"{BODY} {talk} {BODY}").reason == "meta_talk"
    assert talk_of_the_text(f"{BODY} {talk}", f"The texts, le texte, el texto, an excerpt, a passage. {BODY}") is None
    assert talk_of_the_text("The passage between the islands is narrow.", BODY) is None


@pytest.mark.parametrize("talk", BEGINNINGS)
def test_talk_before_the_opening_line_is_found(talk: str) -> None:
    assert given_back(talk.format(f"\nParaphrase:\n{BODY}")).reason in ("meta_talk", "missing_opening")


@pytest.mark.parametrize("talk", BEGINNINGS + ENDS)
def test_a_document_about_such_talk_is_not_hurt(talk: str) -> None:
    said = " ".join(talk.replace("{}", "").split())
    long = " The river flows on and on, as rivers do." * 15
    assert paraphrase(f"{BODY}\nThe model said: {said}{long}", source=f"{SOURCE} Text, texte, texto.").reason == ""
    assert paraphrase(talk.format(BODY), source=f"{talk.format('')}\n{SOURCE}").reason == ""


@pytest.mark.parametrize(
    "body",
    [
        *[
            "Here, at the source of the Rhine, it is cold.",
            "Here is how the pump works: it draws water.",
            "Notes on the Rhine are old.",
        ],
        *[
            "Surely the Rhine is long.",
            "Certain rivers are longer.",
            "The version of 2019 is a summary.",
            "Of course the Rhine is long.",
        ],
        *[
            "As an AI researcher, she measured the Rhine.",
            "I have always lived by the Rhine.",
            "Below the falls the river is calm.",
        ],
        *[
            "Als KI bezeichnet man Programme, die lernen.",
            "Hier ist der Rhein breit.",
            "Hinweis: Der Rhein ist lang.",
            "Claro que el Rin es largo.",
        ],
        *[
            "Natürliche Ufer sind selten.",
            "Voici l'endroit où le Rhin est large.",
            "Como asistente de la reina, viajó.",
            "Note: the valve is hot.",
        ],
        *[
            "The clerk let me know if it rained.",
            "En tant qu'assistante, elle mesurait le Rhin.",
            "He reescribe poco.",
            "It is so. I hope so too.",
        ],
    ],
)
def test_sentences_that_only_look_like_such_talk_are_kept(body: str) -> None:
    assert paraphrase(body) == Parsed(text=body)


def test_speakers_of_a_dialogue_may_offer_help() -> None:
    turns = FORMS["dialogue"] + "\n\nA: Thank you!\n\nB: You are welcome. Let me know if there is more."
    assert formed(turns, "dialogue") == Parsed(text=turns)
    assert formed(FORMS["dialogue"] + "\n\nLet me know if you want more turns.", "dialogue").reason == "meta_talk"


@pytest.mark.parametrize("name", [name for name, strategy in BY_NAME.items() if strategy.parser != "text"])
def test_prose_instead_of_the_form_is_unparsable(name: str) -> None:
    assert formed(BODY, name).reason == "unparsable"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        *[
            ("questions", "Where does it rise?"),
            ("questions", "Where does it rise?\nWhere does it end?"),
            ("questions", "Question: where"),
        ],
        *[("dialogue", "A: Hello.\n\nA: Again."), ("dialogue", f"A: Hello.\nB: Hello.\n{BODY}\n{BODY}\n{BODY}")],
        *[("knowledge", f"{BODY}\n{BODY}\n- One item"), ("knowledge", "-"), ("knowledge", "--")],
        *[
            ("table", "| River | Length |\n|---|---|"),
            ("table", "| a | b |\n| c | d |"),
            ("table", "| a | b |\n|---|---|\n| c |"),
        ],
        *[("table", "a\n---\nb"), ("encyclopaedia", "…!")],
    ],
)
def test_half_a_form_is_unparsable(name: str, body: str) -> None:
    assert formed(body, name).reason == "unparsable"


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (
            "**1. Where?**\n\nHere.\n\n**2. When?**\n\nNow.\n\nOr later.",
            "**1. Where?**\nHere.\n\n**2. When?**\nNow.\nOr later.",
        ),
        (
            "Question: Where?\nAnswer: Here.\nQuestion: When?\nAnswer: Now.",
            "Question: Where?\nAnswer: Here.\n\nQuestion: When?\nAnswer: Now.",
        ),
        ("- **Where?** Here.\n- **When?** Now.", "- **Where?**\nHere.\n\n- **When?**\nNow."),
        ("问：莱茵河在哪里？\n答：在瑞士。", "问：莱茵河在哪里？\n答：在瑞士。"),
        (
            "Ερώτηση: Πού;\nΑπάντηση: Εδώ.\nΕρώτηση: Πότε;\nΑπάντηση: Τώρα.",
            "Ερώτηση: Πού;\nΑπάντηση: Εδώ.\n\nΕρώτηση: Πότε;\nΑπάντηση: Τώρα.",
        ),
        ("# The Rhine\n\nWhere?\nHere.\n\nWhen?", "Where?\nHere."),
        ("Which one is it?\nA) this\nB) that\nIt is this.", "Which one is it?\nA) this\nB) that\nIt is this."),
    ],
)
def test_pairs_are_read_in_the_ways_models_write_them(body: str, pairs: str) -> None:
    assert formed(body, "questions") == Parsed(text=pairs)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        *[("dialogue", "**Anna:** Is it long?\n**Ben:** It is."), ("dialogue", "甲：它长吗？\n\n乙：很长。")],
        *[
            ("knowledge", "1. The Rhine is long.\n2. It is old."),
            ("knowledge", "## Rivers\n* The Rhine is long."),
            ("knowledge", "• Long."),
        ],
        *[
            ("table", "Rivers:\n\nRiver | Length\n:--- | ---:\nRhine | 1,233"),
            ("table", "| a |  |\n| :-: | --- |\n| x \\| y | z |"),
        ],
    ],
)
def test_other_ways_to_write_a_form_are_kept_as_they_are(name: str, body: str) -> None:
    assert formed(body, name) == Parsed(text=body)


def test_texts_of_the_parts_are_joined_by_an_empty_line() -> None:
    assert joined("source", ["One.", "Two."], BY_NAME["easy"]) == "One.\n\nTwo."


def test_questions_come_after_the_original() -> None:
    assert joined("The original.\n", ["Where?\nHere."], BY_NAME["questions"]) == "The original.\n\nWhere?\nHere."


def test_numbered_questions_have_one_row_of_numbers() -> None:
    parts = ["1. Where?\nHere.\n\n2. When?\n3. January.", "1. Who?\nShe."]
    assert joined("", parts, BY_NAME["faq"]) == "1. Where?\nHere.\n\n2. When?\n3. January.\n\n3. Who?\nShe."
    labelled = ["**Question 1:** Where?\n**Answer 1:** Here.", "**Question 1:** Who?\n**Answer 1:** She."]
    assert joined("", labelled, BY_NAME["faq"]) == f"{labelled[0]}\n\n**Question 2:** Who?\n**Answer 2:** She."


@pytest.mark.parametrize(
    "parts", [["Where?\nHere.", "1. Who?\nShe."], ["1914: what began?\nA war.", "Who?\nShe."], ["2. Who?\nShe."]]
)
def test_questions_without_a_row_of_numbers_keep_what_they_have(parts: list[str]) -> None:
    assert joined("", parts, BY_NAME["faq"]) == "\n\n".join(parts)


SCRAPS = st.sampled_from(
    [
        "Paraphrase:",
        "Sure!",
        "?",
        "\n",
        "\n\n",
        "A: ",
        "- ",
        "|",
        "---",
        "```",
        "1. ",
        "Note: I",
        "x",
        "中",
        "**",
        "<",
        "\0",
    ]
)


@settings(deadline=None)
@given(
    text=st.lists(SCRAPS | st.text(max_size=5), max_size=25).map("".join),
    strategy=st.sampled_from(list(BY_NAME.values())),
)
def test_any_answer_is_either_text_or_a_reason(text: str, strategy: Strategy) -> None:
    found = parsed(Response(key="k", outcome=STOPPED, text=f"{strategy.opening or ''}\n{text}"), strategy, SOURCE)
    assert bool(found.text) != bool(found.reason)
    assert found.text == found.text.strip()


@pytest.mark.parametrize(
    "scrap",
    [
        "*",
        " ",
        "\n",
        "\n ",
        "-",
        "|",
        "|-",
        "--  ",
        "?",
        '?"',
        "x",
        "`",
        "```\n",
        "A:",
        "1",
        "note ",
        "(",
        "Here is ",
        "\n\n*",
    ],
)
@pytest.mark.parametrize("name", ["encyclopaedia", "questions", "dialogue", "knowledge", "table"])
def test_large_uniform_answers_take_linear_time(scrap: str, name: str) -> None:
    found = formed(scrap * (100_000 // len(scrap)) + "x", name)
    assert bool(found.text) != bool(found.reason)
