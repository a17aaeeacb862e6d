"""Trainers that do what those of Hugging Face and of Lightning do, as far as a callback sees it."""

import types

from .models import train

# every event of transformers.TrainerCallback
EVENTS = """init_end train_begin epoch_begin step_begin pre_optimizer_step optimizer_step substep_end step_end
log save evaluate predict prediction_step epoch_end train_end push_begin""".split()


class HuggingFaceTrainer:
    """Calls back as transformers.trainer_callback.CallbackHandler does."""

    def __init__(self, model, optimizer, callback, accumulate=1, start=0):
        self.model, self.optimizer, self.callback = model, optimizer, callback
        self.state = types.SimpleNamespace(global_step=start, max_steps=0)
        self.control = types.SimpleNamespace(should_training_stop=False)
        self.accumulate = accumulate

    def event(self, name, **named):
        result = getattr(self.callback, f"on_{name}")(
            types.SimpleNamespace(output_dir="x"),
            self.state,
            self.control,
            model=self.model,
            processing_class=None,
            optimizer=self.optimizer,
            lr_scheduler=None,
            train_dataloader=None,
            eval_dataloader=None,
            **named,
        )
        if result is not None:
            self.control = result

    def train(self, steps, after=lambda: None):
        for name in EVENTS[:3]:
            self.event(name)
        for _ in range(steps):
            self.event("step_begin")
            for _ in range(self.accumulate - 1):
                self.event("substep_end")
            train(self.model, self.optimizer, 1)
            self.event("optimizer_step")
            self.state.global_step += 1
            self.event("step_end")
            after()
            if self.control.should_training_stop:
                break
        self.event("log", logs={"loss": 1.0})
        self.event("epoch_end")
        self.event("train_end")


class LightningTrainer:
    """Calls back as lightning.pytorch.trainer.call does; global_step counts optimizer steps."""

    def __init__(self, module, optimizer, callback, accumulate=1, start=0):
        self.module, self.optimizers, self.callback = module, [optimizer], callback
        self.accumulate, self.global_step, self.should_stop = accumulate, start, False

    def event(self, name, *arguments):
        hook = getattr(self.callback, name, None)
        if callable(hook):
            hook(self, self.module, *arguments)

    def train(self, steps, after=lambda: None):
        self.event("on_fit_start")
        self.event("on_train_start")
        for index in range(steps * self.accumulate):
            self.event("on_train_batch_start", "batch", index)
            if (index + 1) % self.accumulate == 0:
                train(self.module, self.optimizers[0], 1)
                self.global_step += 1
            self.event("on_train_batch_end", {"loss": 1.0}, "batch", index)
            after()
            if self.should_stop:
                break
        self.event("on_train_end")
