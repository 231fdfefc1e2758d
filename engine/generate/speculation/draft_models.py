"""The draft models of this computer: loaded beside the chats that want one, which never wait for it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread

import torch
from transformers import LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerBase

from engine.errors import PotluckError, UnsupportedModel
from engine.generate.shell_models import ShellModel, lay_out_head
from engine.generate.speculation.confidence import Confidence
from engine.generate.speculation.draft_choice import READERS, Coarse, DraftChoice, choose
from engine.generate.speculation.draft_model import DraftModel
from engine.model.branching import Reader, goes_back, masks_for_branches
from engine.model.layout import lay_out
from engine.model.made_up import make_up_weights
from engine.model.masks import MaskBuilder
from engine.planning.catalogue import Catalogue
from engine.weights.loading import build_skeleton, fill, fill_coarse, load_tokenizer, stack_of
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.generate")


@dataclass(frozen=True)
class _Loaded:
    model: PreTrainedModel
    masks: MaskBuilder | None  # with which it reads branches; None: it drafts one line


class DraftModels:
    """At most one is loaded: of the model that was asked for last. Called from any thread."""

    def __init__(
        self, store: LayerStore, catalogue: Catalogue, free_bytes: Callable[[], int], beside: Executor
    ) -> None:
        """`beside` is one thread, in which the draft model works."""
        self._beside = beside
        self._store = store
        self._catalogue = catalogue
        self._free_bytes = free_bytes
        self._lock = Lock()
        self._of = ""  # digest of the model that it drafts for
        self._choice: DraftChoice | None = None
        self._loading: Future[_Loaded] | None = None
        self._idle: Reader | None = None
        self._confidence = Confidence()  # of what is loaded
        self._out = 0  # readers that are in use
        self._is_permitted = True

    @property
    def taken_bytes(self) -> int:
        """Of memory, by the weights of what is loaded."""
        with self._lock:
            is_loaded = self._loading is not None and self._loading.done() and not self._loading.exception()
            return self._choice.weights if is_loaded and self._choice is not None else 0

    def permit(self, permitted: bool) -> None:
        """Whether this computer has time for drafts. While it has none, nothing is computed or kept."""
        self._is_permitted = permitted
        if not permitted:
            self.close()

    def drafter(
        self,
        shell: ShellModel,
        prompt: Sequence[int],
        choice: LogitsProcessorList,
        trip_seconds: Callable[[], float],
    ) -> DraftModel:
        """For one answer; to be brought back by `put`."""
        take = partial(self._take_for, shell, trip_seconds)
        return DraftModel(take, prompt, self._beside, choice, lambda: self._is_permitted, self._confidence)

    def _take_for(self, shell: ShellModel, trip_seconds: Callable[[], float]) -> Reader | None:
        return self.take(shell, trip_seconds())

    def take(self, shell: ShellModel, trip_seconds: float) -> Reader | None:
        """None while it is loading, and where there is none, or none pays."""
        with self._lock:
            if not self._is_permitted:
                return None
            if self._of != shell.manifest.digest:
                self._begin(shell)
            if self._choice is None or not self._choice.pays(trip_seconds) or self._out >= READERS:
                return None
            if self._loading is None:
                self._loading = _in_thread(partial(self._load, self._choice, shell))
            if not self._loading.done() or self._loading.exception() is not None:
                return None
            self._out += 1
            loaded = self._loading.result()
            reader, self._idle = self._idle or Reader(loaded.model, loaded.masks), None
            return reader

    def put(self, drafter: DraftModel) -> None:
        """Its answer is over. What its reader has read is kept for a next turn."""
        drafter.end()
        reader, drafter.reader = drafter.reader, None
        if reader is None:
            return
        with self._lock:
            self._out -= 1
            if self._loading is not None and self._loading.done() and not self._loading.exception():
                is_good = reader.model is self._loading.result().model and not drafter.has_failed
                self._idle = reader if is_good else None

    def _begin(self, shell: ShellModel) -> None:
        self._of, self._loading, self._idle = shell.manifest.digest, None, None
        self._confidence = Confidence()
        here = [manifest for manifest in self._store.manifests() if self._store.complete(manifest)]
        self._choice = choose(shell.manifest, here, self._catalogue, self._free_bytes())

    def _load(self, choice: DraftChoice, shell: ShellModel) -> _Loaded:
        check_tokens(choice.manifest, load_tokenizer(choice.manifest, self._store), shell)
        model = load_draft_model(choice.manifest, self._store, choice.precision)
        is_same = choice.manifest.digest == shell.manifest.digest
        served_too = is_same or can_be_served_branches(shell.manifest)
        return _Loaded(model, masks_for_branches(model) if served_too else None)

    def loaded(self) -> None:
        """Returns when none is being loaded. Raises what went wrong."""
        if self._loading is not None:
            self._loading.result()

    def close(self) -> None:
        with self._lock:
            self._of, self._choice, self._loading, self._idle = "", None, None, None


def keep_to_one_core() -> None:
    """The thread that calls this. What torch is told holds for all threads that begin later, too: another one
    tells it again what it was told before.
    """
    others = torch.get_num_threads()
    torch.set_num_threads(1)
    again = Thread(target=torch.set_num_threads, args=(others,))
    again.start()
    again.join()


def _in_thread(load: Callable[[], _Loaded]) -> "Future[_Loaded]":
    future: Future[_Loaded] = Future()

    def run() -> None:
        try:
            future.set_result(load())
        except Exception as error:  # a draft model is never missed
            log.log(logging.INFO if isinstance(error, PotluckError) else logging.WARNING, "%s", error)
            future.set_exception(error)

    Thread(target=run, name="draft-model", daemon=True).start()
    return future


def check_tokens(draft: Manifest, tokenizer: PreTrainedTokenizerBase, shell: ShellModel) -> None:
    """Raises UnsupportedModel unless the same numbers stand for the same tokens."""
    if tokenizer.get_vocab() != shell.tokenizer.get_vocab():
        raise UnsupportedModel(
            f"{draft.name} cannot draft for {shell.manifest.name}, as their tokens differ: "
            "choose a draft model of the same family."
        )


def load_draft_model(
    manifest: Manifest, store: LayerStore, precision: Coarse | None = None
) -> PreTrainedModel:
    """Complete, on the CPU, its layers' matrices in `precision`. Raises StoreError, BadModelFile, or
    UnsupportedModel if it cannot forget a token.
    """
    model = build_skeleton(manifest, torch.float32)
    stack = stack_of(manifest, model)
    for layer, part in zip(stack.layers, manifest.layers, strict=True):
        if precision is None:
            fill(layer, store.tensors(part), torch.float32)
        else:
            fill_coarse(layer, store.rows_in_turn(part), precision, torch.float32)
        lay_out(layer)
    setattr(stack.owner, stack.attribute, torch.nn.ModuleList())
    fill(model, store.tensors(manifest.shell), torch.float32)
    setattr(stack.owner, stack.attribute, stack.layers)
    lay_out_head(model)
    check_goes_back(model, manifest)
    return model


def can_be_served_branches(manifest: Manifest) -> bool:
    """Whether a model like this one reads branches, tried with made-up weights."""
    model = build_skeleton(manifest, torch.float32)
    make_up_weights(model, stack_of(manifest, model))
    return masks_for_branches(model) is not None


def check_goes_back(model: PreTrainedModel, manifest: Manifest) -> None:
    """Raises UnsupportedModel unless it gives the same after tokens that were taken back."""
    if not goes_back(model):
        raise UnsupportedModel(
            f"{manifest.name} cannot draft, as it cannot take a token back: choose another."
        )
