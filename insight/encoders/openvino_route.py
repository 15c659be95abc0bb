"""Sentence encoders on OpenVINO: several times as fast as torch on a processor that adds up in bfloat16.

The transformer is converted in memory, so nothing is written, and all else of sentence-transformers stays in place.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from importlib.util import find_spec
from typing import Any

from insight.errors import MissingPart, SettingsError

FIX = 'set backend = "torch"'


def precision() -> str:
    """What this processor computes in: "bf16", or "f32" where it has no bfloat16. The vectors differ by up to 1e-3.

    :raises MissingPart: OpenVINO is not installed.
    """
    return "bf16" if "BF16" in _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"


def install(model: Any) -> None:
    """Let the transformer of a SentenceTransformer run on OpenVINO.

    :raises MissingPart: OpenVINO is not installed.
    :raises SettingsError: it does not begin with a transformer of texts, or OpenVINO cannot express that.
    """
    import torch

    openvino = _openvino()
    way = getattr(model[0], "modality_config", {}).get("text", {})
    if (way.get("method"), way.get("method_output_name")) != ("forward", "last_hidden_state"):
        raise SettingsError("this model has no transformer that OpenVINO could run", where="encoder.backend", fix=FIX)
    transformer = model[0].model
    example = dict(model.tokenizer(["one", "one and another"], padding=True, return_tensors="pt"))
    names = list(example)
    try:
        with warnings.catch_warnings(action="ignore"):  # OpenVINO traces, which torch calls deprecated
            converted = openvino.convert_model(_hidden(transformer, names), example_input=tuple(example.values()))
        compiled = openvino.compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": precision()})
    except RuntimeError as error:
        raise SettingsError("OpenVINO cannot express this model", where="encoder.backend", fix=FIX) from error
    width = int(transformer.config.hidden_size)

    def forward(attention_mask: Any, **inputs: Any) -> dict[str, Any]:
        """Texts of one length at a time: in bfloat16, padding would change a text's vector by up to 1e-3."""
        told = {**inputs, "attention_mask": attention_mask}
        real, lengths = attention_mask.bool(), attention_mask.sum(1)
        hidden = torch.zeros((*real.shape, width))
        for length in lengths.unique():
            alike = real & (lengths == length)[:, None]
            answer = compiled([told[name][alike].view(-1, int(length)).numpy() for name in names])
            hidden[alike] = torch.from_numpy(answer[0]).view(-1, width)
        return {"last_hidden_state": hidden}

    transformer.forward = forward


def _hidden(transformer: Any, names: list[str]) -> Any:
    """The transformer as a function of tensors in the order of `names` to the last hidden state."""
    import torch

    class Hidden(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, *tensors: Any) -> Any:
            return self.transformer(**dict(zip(names, tensors, strict=True)), return_dict=True).last_hidden_state

    return Hidden().eval()


@cache
def _openvino() -> Any:
    """The package, kept from telling its makers of its use, which it does unless its telemetry is absent."""
    if find_spec("openvino") is None:
        raise MissingPart("OpenVINO is not installed", where="encoder.backend", fix="pip install 'insight[openvino]'")
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
