"""A chat model of random weights that writes in a moment: for what engines do, not for what it says."""

from __future__ import annotations

from pathlib import Path

TEXTS = ["The ship left the harbour at dawn, with bread for twelve days; it was 1912.\n"] * 20
TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
WINDOW = 512


def saved_chat_model(folder: Path, *, template: str | None = TEMPLATE, ends: int = 4, family: str = "llama") -> str:
    """The path of a Llama or GPT-2 of two layers, with a byte-level BPE of 300 tokens and a template like ChatML.

    `ends` of its tokens, `<|end|>` and the last ones, end an answer: with 4 about one token in 75 does.
    """
    import torch
    import transformers

    tokenizer = _tokenizer()
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    last = len(tokenizer) - 1
    named = [tokenizer.convert_tokens_to_ids("<|end|>"), *range(last, last - ends + 1, -1)]
    torch.manual_seed(7)
    weights = transformers.AutoModelForCausalLM.from_config(_config(family, len(tokenizer)))
    weights.generation_config = transformers.GenerationConfig(eos_token_id=named, temperature=0.1, do_sample=True)
    weights.save_pretrained(folder)
    return str(folder)


def _tokenizer():  # type: ignore[no-untyped-def]
    import tokenizers
    import transformers

    trained = tokenizers.ByteLevelBPETokenizer()
    trained.train_from_iterator(
        TEXTS, vocab_size=300, special_tokens=["<|pad|>", "<|start|>", "<|end|>"], show_progress=False
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer, eos_token="<|end|>", additional_special_tokens=["<|start|>", "<|pad|>"]
    )


def _config(family: str, vocabulary: int):  # type: ignore[no-untyped-def]
    import transformers

    if family == "gpt2":  # positions are learned, where padding would show
        return transformers.GPT2Config(
            vocab_size=vocabulary, n_embd=32, n_layer=2, n_head=2, n_positions=WINDOW, initializer_range=0.3
        )
    return transformers.LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=WINDOW,
        initializer_range=0.3,
    )
