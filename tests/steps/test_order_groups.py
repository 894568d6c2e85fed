"""Groups are the combinations of what mixtures name: numbers, weights and titles are of one order."""

from __future__ import annotations

from math import prod

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.sequence import DIFFICULTY_CLASSES, OTHER, QUALITY_CLASSES, Mixture
from curator.steps.order_groups import KINDS, Groups

FREE = ("web", "books", "code", "über")
NAMES = {
    **dict.fromkeys(("source", "language", "theme", "synthetic"), FREE),
    "quality": QUALITY_CLASSES,
    "difficulty": DIFFICULTY_CLASSES,
}


def weights_of(kind: str) -> st.SearchStrategy[dict[str, float]]:
    return st.dictionaries(
        st.sampled_from([*NAMES[kind], OTHER]), st.sampled_from([0.0, 0.5, 1.0, 3.0, 8.0]), max_size=3
    )


MIXTURES = st.lists(st.builds(Mixture, **{kind: weights_of(kind) for kind in KINDS}), min_size=1, max_size=3)


@settings(deadline=None)
@given(mixtures=MIXTURES, data=st.data())
def test_a_document_weighs_the_product_of_what_mixtures_say_of_it(mixtures: list[Mixture], data: st.DataObject) -> None:
    groups = Groups.of(mixtures)
    names = st.sampled_from([*FREE, *QUALITY_CLASSES, *DIFFICULTY_CLASSES, "never named", None])
    documents = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS, names)), min_size=1, max_size=8))
    columns = {kind: pa.array([row[kind] for row in documents], pa.string()) for kind in KINDS}
    numbers, weights, titles = groups.numbers(columns, len(documents)), groups.weights(mixtures), groups.titles()
    assert weights.shape == (len(mixtures), groups.count)
    assert numbers.dtype == np.int32
    for document, number in zip(documents, numbers, strict=True):
        for place, mixture in enumerate(mixtures):
            said = [getattr(mixture, kind) for kind in KINDS]
            factors = [
                weights_said.get(document[kind], weights_said.get(OTHER, 1.0))
                for kind, weights_said in zip(KINDS, said, strict=True)
            ]
            assert weights[place, number] == prod(factors)
        expected = [
            f"{kind} {document[kind] if document[kind] in groups.names[kind] else OTHER}" for kind in groups.names
        ]
        assert titles[number] == (", ".join(expected) or "all")


@given(mixtures=MIXTURES)
def test_every_group_has_a_title_of_its_own(mixtures: list[Mixture]) -> None:
    groups = Groups.of(mixtures)
    assert len(set(groups.titles())) == len(groups.titles()) == groups.count


def test_mixtures_that_name_nothing_make_one_group_of_all() -> None:
    groups = Groups.of([Mixture(), Mixture()])
    assert (groups.count, groups.titles()) == (1, ["all"])
    assert groups.weights([Mixture(), Mixture()]).tolist() == [[1.0], [1.0]]
    assert groups.numbers({}, 3).tolist() == [0, 0, 0]


def test_a_kind_of_which_only_other_is_named_is_one_group() -> None:
    mixtures = [Mixture(source={OTHER: 3.0}), Mixture()]
    groups = Groups.of(mixtures)
    assert groups.titles() == ["source other"]
    assert groups.weights(mixtures).tolist() == [[3.0], [1.0]]
    assert groups.numbers({"source": pa.chunked_array([["web"], [None]])}, 2).tolist() == [0, 0]


def test_the_order_in_which_names_are_said_changes_nothing() -> None:
    first, second = Mixture(source={"web": 1.0, "books": 2.0}), Mixture(source={"books": 1.0, "code": 4.0})
    assert Groups.of([first, second]) == Groups.of([second, first])
