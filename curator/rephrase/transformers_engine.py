"""Answers by a small model in the process, through transformers: for dry runs, and where there is no server.

Run on CPUs, with tiny models; on a GPU it has not been run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curator.config.engines import TransformersEngine
from curator.errors import ConfigError
from curator.models.loaded_transformer import DataType, load_weights, prepared_device
from curator.models.sentence_files import SentenceModel
from curator.rephrase.chat_model import ChatModel, loading
from curator.rephrase.drawing import Answer, Drawing
from curator.rephrase.requests import CUT, FAILED, STOPPED, Request, Response


def load_engine(config: TransformersEngine) -> LoadedEngine:
    """The engine of a configuration, with its weights. Raises ConfigError for a model that cannot answer chats (as `check_model`
    of chat_model.py), or has not all its trained weights, and for a GPU that is asked for and missing.
    """
    return LoadedEngine(config)


class LoadedEngine:
    """A model on a device, `batch_requests` prompts at a time.

    A request draws by its own seed and settings, and sees neither padding nor its neighbours: it gets the same answer in every
    batch, as far as the logits are the same. Matrices of other sizes are summed in another order. That moves float32 logits by
    about 1e-6, and a drawn token only where chance falls so near to a border; in bfloat16 and float16 it is 1e-2, and answers do
    change. With `batch_requests: 1` they are the same bytes on the same kind of processor.
    """

    def __init__(self, config: TransformersEngine) -> None:
        described = SentenceModel(name=config.model)
        device = prepared_device(described, config.gpus_per_actor > 0)
        self._chat = ChatModel(config.model)
        self._weights = _load(described, self._chat, config.dtype, device)
        self._batch_requests = config.batch_requests

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """One response for each request, in their order. A prompt that fills the model's window fails, and where the window ends
        so does the answer.
        """
        prompts = [self._chat.prompt(_messages(request)) for request in requests]
        answers = {
            place: Answer(request, min(request.max_tokens, self._room(prompts[place])), self._chat.ends)
            for place, request in enumerate(requests)
            if self._room(prompts[place]) > 0
        }
        for batch in self._batches(prompts, answers):
            self._write([prompts[place] for place in batch], [answers[place] for place in batch])
        return [
            self._response(request, len(prompts[place]), answers.get(place)) for place, request in enumerate(requests)
        ]

    def _room(self, prompt: Sequence[int]) -> int:
        """How many tokens the window leaves for an answer."""
        return (self._chat.window or 10**9) - len(prompt)

    def _batches(self, prompts: Sequence[Sequence[int]], places: Mapping[int, Answer]) -> Iterator[list[int]]:
        """Prompts of like length go together; the longest first, so that too little memory shows at once."""
        order = sorted(places, key=lambda place: -len(prompts[place]))
        for start in range(0, len(order), self._batch_requests):
            yield order[start : start + self._batch_requests]

    def _write(self, prompts: Sequence[Sequence[int]], answers: Sequence[Answer]) -> None:
        """Writes the answers of one batch to their ends."""
        import torch

        longest = max(map(len, prompts))
        ids = [[self._chat.padding] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        drawing = Drawing(answers, self._chat.padding)
        with torch.inference_mode():
            self._weights.generate(
                input_ids=torch.tensor(ids, device=self._weights.device),
                attention_mask=torch.tensor(mask, device=self._weights.device),
                max_new_tokens=max(answer.limit for answer in answers),
                logits_processor=[drawing],
                stopping_criteria=[drawing.finished],
            )

    def _response(self, request: Request, prompt_tokens: int, answer: Answer | None) -> Response:
        if answer is None:
            window = f"the prompt has {prompt_tokens} tokens, the model reads {self._chat.window} with the answer"
            return Response(key=request.key, outcome=f"{FAILED}: {window}")
        return Response(
            key=request.key,
            outcome=STOPPED if answer.stopped else CUT,
            text=self._chat.text(answer.text_tokens),
            prompt_tokens=prompt_tokens,
            completion_tokens=len(answer.tokens),
        )


def _messages(request: Request) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in request.messages]


def _load(described: SentenceModel, chat: ChatModel, dtype: DataType, device: Any) -> Any:
    """The weights on the device, and no setting of the model's own for what is drawn. transformers makes up missing weights."""
    import torch
    import transformers

    with loading(described.name):
        weights, notes = load_weights(transformers.AutoModelForCausalLM, described, output_loading_info=True)
    if notes["missing_keys"]:
        missing = ", ".join(sorted(notes["missing_keys"])[:3])
        raise ConfigError(f"the model {described.name} has no trained {missing}; name a language model with a decoder")
    weights.generation_config = transformers.GenerationConfig(
        eos_token_id=list(chat.ends), pad_token_id=chat.padding, use_cache=True
    )
    usual = "bfloat16" if device.type == "cuda" else "float32"
    return weights.to(device, getattr(torch, usual if dtype == "auto" else dtype)).eval()
