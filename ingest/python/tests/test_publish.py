import logging
import os
import tempfile
import unittest

import numpy
import torch

import sinkwatch
from sinkwatch.arrays import host_tensor
from sinkwatch.document import Layer, Origin, documents
from sinkwatch.endpoint import endpoint
from sinkwatch.publishing import send, step_path

from .stand_in import Monitor, environment, free_port, threads


class PublishTest(unittest.TestCase):
    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)

    def publish(self, tensors, run="r", step=5, **settings):
        return sinkwatch.publish(tensors, run, step, **{"url": self.monitor.url, **settings})

    def test_arrays_of_several_libraries_in_one_document(self):
        counts = self.publish(
            {"a": torch.eye(2), "b": numpy.eye(3), "c": memoryview(b"xyz")},
            attempt=2,
            kinds={"a": "doubly-stochastic"},
            observability={"a": "sampled"},
            indexes={"a": 3},
            operators=2,
            activation="float16",
            learning_rate=1e-3,
            weight_decay=0,
            publication="job-1",
        )
        self.assertGreater(counts.pop("bytes"), 0)
        self.assertEqual(counts, {"run": "r", "step": 5, "tensors": 3, "shards": 3, "leftOut": []})
        body = self.monitor.bodies[0]
        self.assertEqual(body.path, "/api/v1/runs/r/steps/5")
        self.assertEqual(body.names, ["a", "b", "c"])
        self.assertEqual(body.floats("a"), [1, 0, 0, 1])
        self.assertEqual(body.header["b"]["dtype"], "F64")
        self.assertEqual(
            body.metadata,
            {
                "sinkwatch.attempt": "2",
                "sinkwatch.operators": "2",
                "sinkwatch.activation": "float16",
                "sinkwatch.learning-rate": "0.001",
                "sinkwatch.weight-decay": "0.0",
                "sinkwatch.publish": "job-1",
                "sinkwatch.kind.a": "doubly-stochastic",
                "sinkwatch.observability.a": "sampled",
                "sinkwatch.index.a": "3",
            },
        )
        self.assertEqual(threads(), [])

    def test_rows_of_a_larger_tensor(self):
        self.publish({"w": torch.ones(2, 6)}, rows={"w": (2, 4)}, shapes={"w": (2, 3, 6)})
        metadata = self.monitor.bodies[0].metadata
        self.assertEqual(metadata["sinkwatch.rows.w"], "2:4")
        self.assertEqual(metadata["sinkwatch.shape.w"], "2,3,6")

    def test_patterns_say_it_of_several_and_a_name_wins(self):
        names = ("layers.0.mixer_logits", "layers.1.mixer_logits", "layers.1.w[0]")
        self.publish(
            {name: torch.ones(2, 4) for name in names},
            kinds={"*.mixer_logits": "sinkhorn-logits", "layers.1.*": "dense", "layers.1.w[0]": "ignore"},
            observability={"layers.?.mixer_*": "sampled"},
            rows={"*": (2, 4)},
            shapes={"*": (4, 4)},
        )
        metadata = self.monitor.bodies[0].metadata
        said = lambda key: [metadata.get(f"sinkwatch.{key}.{name}") for name in names]
        self.assertEqual(said("kind"), ["sinkhorn-logits", "sinkhorn-logits", "ignore"])
        self.assertEqual(said("observability"), ["sampled", "sampled", None])
        self.assertEqual(said("rows"), ["2:4"] * 3)
        self.assertEqual(said("shape"), ["4,4"] * 3)

    def test_what_is_wrong_is_one_line_and_nothing_is_sent(self):
        eye = torch.eye(4)
        for tensors, settings, line in (
            ({"a": torch.tensor(1.0)}, {}, "layer a is a single number"),
            ({"a": torch.eye(2).to_sparse()}, {}, "layer a is sparse"),
            ({"a\n": eye}, {}, "control characters"),
            ({"": eye}, {}, "1 to 256 characters"),
            ({"a": eye}, {"run": "no spaces"}, "run 'no spaces'"),
            ({"a": eye}, {"step": -1}, "step -1"),
            ({"a": eye}, {"step": 1.5}, "step 1.5"),
            ({"a": eye}, {"kinds": {"a": "x"}}, "kind 'x'"),
            ({"a": eye}, {"kinds": {"*.mixer": "dense"}}, "kinds '*.mixer': no tensor has such a name"),
            ({"a": eye}, {"observability": {"b": "exact"}}, "observability 'b': no tensor"),
            ({"a": eye}, {"indexes": {"*": 1}}, "indexes '*': no tensor"),
            ({"a": eye}, {"shapes": {"b*": (4, 4)}}, "shapes 'b*': no tensor"),
            ({"a": eye}, {"rows": {"a": (0, 4)}}, "said together"),
            ({"a": eye}, {"rows": {"a": (0, 3)}, "shapes": {"a": (8, 4)}}, "is not rows 0:3"),
            ({"a": eye}, {"rows": {"a": (6, 10)}, "shapes": {"a": (8, 4)}}, "is not rows 6:10"),
            ({"a": eye}, {"url": "nonsense"}, "url 'nonsense'"),
            ({"a": eye}, {"url": "http://u:secret@h"}, "say user and password apart"),
            ({"a": eye}, {"user": "u"}, "not one of them alone"),
            ([eye], {}, "items"),
        ):
            with self.subTest(line), self.assertRaises(sinkwatch.PublishError) as raised:
                self.publish(tensors, **settings)
            self.assertIn(line, str(raised.exception))
            self.assertNotIn("\n", str(raised.exception))
            self.assertNotIn("secret", str(raised.exception))
        self.assertEqual(self.monitor.requests, [])

    def test_what_the_monitor_refuses_is_raised_with_its_line(self):
        self.monitor.always = 400
        with self.assertRaises(sinkwatch.PublishError) as raised:
            self.publish({"a": torch.eye(2)})
        self.assertEqual(raised.exception.status, 400)
        self.assertIn("refuses: 400 says 400", str(raised.exception))
        self.assertEqual(len(self.monitor.requests), 1)

    def test_several_documents_are_one_answer(self):
        self.monitor.left_out = {"a": "it has no values", "c": "its dtype is none that is analysed"}
        layers = [Layer(name, host_tensor(numpy.eye(2))) for name in "abc"]
        ready = [one for layer in layers for one in documents([layer], Origin())]
        counts = send(endpoint(self.monitor.url), step_path("r", 7), ready, 60)
        self.assertEqual(counts.pop("bytes"), sum(one.length for one in ready))
        self.assertEqual(
            counts,
            {
                "run": "r",
                "step": 7,
                "tensors": 1,
                "shards": 1,
                "leftOut": ["a: it has no values", "c: its dtype is none that is analysed"],
            },
        )

    def test_what_passes_is_waited_out(self):
        self.monitor.answers = [503, 429, 500]
        with self.assertLogs("sinkwatch", logging.WARNING) as logs:
            self.publish({"a": torch.eye(2)})
        self.assertEqual([status for status, *_ in self.monitor.requests], [503, 429, 500, 202])
        self.assertEqual(len(logs.output), 1)
        self.assertIn("it is tried again for", logs.output[0])

    def test_what_does_not_pass_in_time_is_raised(self):
        self.monitor.always, self.monitor.retry_after = 429, 100
        with self.assertRaises(sinkwatch.PublishError) as raised:
            self.publish({"a": torch.eye(2)}, timeout=5)
        self.assertEqual(raised.exception.status, 429)
        with self.assertRaises(sinkwatch.PublishError) as raised:
            self.publish({"a": torch.eye(2)}, timeout=0.1, url=f"http://127.0.0.1:{free_port()}")
        self.assertIsNone(raised.exception.status)
        self.assertIn("cannot be reached", str(raised.exception))

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "s")
            with Monitor(path=path) as monitor:
                for url in (f"unix:{path}", f"unix://{path}", "http+unix://" + path.replace("/", "%2F")):
                    self.publish({"a": torch.eye(2)}, url=url)
                self.assertEqual(len(monitor.bodies), 3)

    def test_a_prefix_of_a_proxy_stays(self):
        self.publish({"a": torch.eye(2)}, url=self.monitor.url + "/watch/")
        self.assertEqual(self.monitor.requests[0][1], "/watch/api/v1/runs/r/steps/5")

    def test_disabled_is_off(self):
        with environment(SINKWATCH_DISABLED="true"):
            self.assertEqual(self.publish({"a": 1}), {})

    def test_no_secret_is_shown(self):
        door = endpoint("https://[::1]:9/x", "u", "secret")
        self.assertEqual(str(door), "https://[::1]:9/x")
        self.assertNotIn("secret", repr(door) + str(door))
        self.assertNotIn(door.authorization, repr(door))

    def test_tls_is_verified_with_the_given_authority(self):
        import shutil
        import ssl
        import subprocess

        self.assertIsNotNone(shutil.which("openssl"), "openssl makes the certificate")
        with tempfile.TemporaryDirectory() as directory:
            certificate, key = os.path.join(directory, "c.pem"), os.path.join(directory, "k.pem")
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
                + ["-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"]
                + ["-addext", "subjectAltName=IP:127.0.0.1"],
                check=True,
                capture_output=True,
            )
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server = self.monitor._server
            server.socket = context.wrap_socket(server.socket, server_side=True)
            url = self.monitor.url.replace("http:", "https:")
            with self.assertRaises(sinkwatch.PublishError) as raised:
                self.publish({"a": torch.eye(2)}, url=url, timeout=0.1)
            self.assertIn("self-signed", str(raised.exception).replace("self signed", "self-signed"))
            self.publish({"a": torch.eye(2)}, url=url, ca=certificate)
            with environment(SINKWATCH_CA=certificate):
                self.publish({"a": torch.eye(2)}, url=url)
        self.assertEqual(len(self.monitor.bodies), 2)
