"""Texts of other sources that say the same words are alike, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.rephrase.self_similarity import self_similarity

TEXTS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), max_size=12), st.sampled_from("xyz")), min_size=1, max_size=8
)


def runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}


@given(TEXTS)
def test_it_is_the_mean_share_of_runs_of_four_words_that_another_group_has(
    given_texts: list[tuple[list[str], str]],
) -> None:
    shares = []
    for words, group in given_texts:
        theirs = {run for other, of in given_texts if of != group for run in runs(other)}
        if runs(words):
            shares.append(len(runs(words) & theirs) / len(runs(words)))
    expected = sum(shares) / len(shares) if shares else 0.0
    assert self_similarity([words for words, _ in given_texts], [group for _, group in given_texts]) == expected


def test_two_texts_of_one_source_may_be_alike() -> None:
    text = "what two texts of one source say alike".split()
    assert self_similarity([text, text], ["one", "one"]) == 0.0
    assert self_similarity([text, text], ["one", "other"]) == 1.0
    assert self_similarity([text, "something else that nobody has said".split()], ["one", "other"]) == 0.0
