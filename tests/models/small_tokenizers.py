"""Small tokenizers of several kinds, as the tests of tokenising make them."""

from __future__ import annotations

from curator.models.document_tokenizer import END, train_tokenizer

GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SAMPLE = ["The ship left the harbour at dawn, with bread; it's 1912.\n\n  Das Schiff läuft aus.\t中文 ☕ é"] * 30


def trained(vocabulary: int = 320) -> bytes:
    """A byte-level BPE that cuts text as GPT-2's."""
    return train_tokenizer(SAMPLE, vocabulary=vocabulary, sample_bytes=10_000, end_token=END)


def split_as_newer() -> bytes:
    """A byte-level BPE whose expression is that of GPT-4."""
    from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers

    tokenizer = Tokenizer.from_buffer(trained())
    parts = [
        pre_tokenizers.Split(Regex(GPT4), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    return str(tokenizer.to_str()).encode()


def word_pieces() -> bytes:
    """A WordPiece like that of BERT, which adds [CLS] and [SEP], cuts after four tokens and fills up to four."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"the ship left at dawn ##ed ##s [ ] s ##e ##p".split()]
    tokenizer = Tokenizer(models.WordPiece({name: place for place, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4)
    return str(tokenizer.to_str()).encode()


def unigram() -> bytes:
    """Pieces as SentencePiece has them, the names of special tokens among them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    pieces = [
        "<pad>",
        "</s>",
        "<unk>",
        "\u2581",
        "\u2581ship",
        "\u2581left",
        *"the ship left at dawn's [SEP]/<>|".split(),
    ]
    letters = sorted(set("theshipleftatdawnunkpad'sSEP[]/<>|"))
    scores = [(piece, 0.0) for piece in pieces[:3]] + [(piece, -3.0) for piece in pieces[3:]]
    scores += [(letter, -6.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    return str(tokenizer.to_str()).encode()
