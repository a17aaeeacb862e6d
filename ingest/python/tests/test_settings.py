import logging

import torch

import sinkwatch

from .models import train
from .stand_in import environment, threads
from .watched import Watched


class SettingsTest(Watched):
    def test_arguments_that_are_wrong_are_said_at_once(self):
        for settings, line in (
            ({"run": "no spaces"}, "run 'no spaces'"),
            ({"run": None}, "run: a name"),
            ({"run": "sinkwatch.canary.x"}, "the monitors' own"),
            ({"every": 0}, "every 0"),
            ({"every": 1.5}, "every 1.5"),
            ({"step": -1}, "step -1"),
            ({"profile": "nosuch"}, "no profile 'nosuch'"),
            ({"kinds": {"x": "nosuch"}}, "kind 'nosuch'"),
            ({"activation": "int8"}, "activation 'int8'"),
            ({"url": "ftp://x"}, "url 'ftp://x'"),
            ({"attempt": -1}, "attempt -1"),
            ({"mixers": {"nosuch.*": "output"}}, "nosuch"),
            ({"mixers": {"h.0": "input"}}, "'output' or a function"),
        ):
            with self.subTest(line), self.assertRaises(ValueError) as raised:
                self.watch(**settings)
            self.assertIn(line, str(raised.exception))
        with self.assertRaises(TypeError):
            sinkwatch.watch([1, 2], run="r")
        with self.assertRaises(TypeError):
            self.watch(optimizer=self.model)
        self.assertEqual(threads(), [])
        self.assertEqual([m for m in self.model.modules() if m._forward_hooks], [])

    def test_an_environment_that_is_wrong_stops_no_training(self):
        for variables in (
            {"SINKWATCH_URL": "nonsense"},
            {"SINKWATCH_RUN": "no spaces"},
            {"SINKWATCH_ATTEMPT": "x"},
            {"SINKWATCH_USER": "alone"},
            {"SINKWATCH_URL": "https://127.0.0.1:1", "SINKWATCH_CA": "/nosuch.pem"},
        ):
            with self.subTest(variables), environment(**variables):
                run = None if "SINKWATCH_RUN" in variables else "r"
                with self.assertLogs("sinkwatch", logging.WARNING) as logs:
                    watcher = sinkwatch.watch(self.model, optimizer=self.optimizer, run=run)
                train(self.model, self.optimizer, 1)
                self.assertEqual(len(logs.output), 1)
                self.assertEqual(watcher.stats.state, "disabled")
                self.assertFalse(watcher.stop_if())
                watcher.close()

    def test_the_environment_tells_where_and_who(self):
        with environment(
            SINKWATCH_URL=self.monitor.url,
            SINKWATCH_RUN="e",
            SINKWATCH_ATTEMPT="2",
            SINKWATCH_USER="u",
            SINKWATCH_PASSWORD="p\u00e4ss",
        ):
            watcher = sinkwatch.watch(self.model)
            self.addCleanup(watcher.close)
        watcher.snapshot(5)
        watcher.flush(60)
        _, path, headers = self.monitor.requests[0]
        self.assertEqual(path, "/api/v1/runs/e/steps/5")
        self.assertEqual(headers["Authorization"], "Basic dTpww6Rzcw==")
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        self.assertEqual(self.monitor.bodies[0].metadata["sinkwatch.attempt"], "2")

    def test_disabled_is_off(self):
        with environment(SINKWATCH_DISABLED="1", SINKWATCH_URL="nonsense"):
            watcher = sinkwatch.watch(
                self.model, optimizer=self.optimizer, mixers={"h.*.hc_attn": "output"}
            )
            train(self.model, self.optimizer, 2)
            watcher.snapshot(1)
            watcher.sample("x", torch.eye(2))
            self.assertTrue(watcher.flush())
            watcher.close()
        self.assertEqual((watcher.stats.state, watcher.stats.snapshots), ("disabled", 0))
        self.assertNotIn("step", vars(self.optimizer))
