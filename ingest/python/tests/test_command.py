import contextlib
import io
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import unittest

from sinkwatch.__main__ import main

from .stand_in import Monitor, environment, free_port


def write(path, tensors, metadata=None, extra=b""):
    header, data = {"__metadata__": metadata or {"format": "pt"}}, b""
    for name, (shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data + extra)


class CommandTest(unittest.TestCase):
    def setUp(self):
        clean = environment()
        clean.__enter__()
        self.addCleanup(clean.__exit__, None, None, None)
        self.monitor = Monitor()
        self.addCleanup(self.monitor.close)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def run_command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main([str(a) for a in arguments])
            except SystemExit as e:
                code = e.code
        return code, out.getvalue(), err.getvalue()

    def publish(self, *arguments):
        return self.run_command("publish", "--url", self.monitor.url, *arguments)

    def file(self, name, **settings):
        path = os.path.join(self.directory, name)
        tensors = {
            "model.layers.0.attn_hc.base": ([24], list(range(24))),
            "mixer": ([2, 2], [0.5] * 4),
            "head": ([3, 5], [1.0] * 15),
        }
        write(path, tensors, **settings)
        return path

    def test_help_and_version(self):
        code, out, _ = self.run_command("--help")
        self.assertEqual(code, 0)
        self.assertIn("publish", out)
        self.assertEqual(self.run_command("publish", "--help")[0], 0)
        code, out, _ = self.run_command("--version")
        self.assertEqual((code, out), (0, "sinkwatch 0.1.0\n"))

    def test_the_mixers_of_a_file_are_published(self):
        path = self.file("step-30/model.safetensors")
        code, out, err = self.publish(path, "--run", "r", "--attempt", "1")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("2 tensors published as step 30 of r", out)
        body = self.monitor.bodies[0]
        self.assertEqual(body.path, "/api/v1/runs/r/steps/30")
        self.assertEqual(body.names, ["model.layers.0.attn_hc.base", "mixer"])
        self.assertEqual(body.floats("mixer"), [0.5] * 4)
        self.assertEqual(body.metadata, {"sinkwatch.attempt": "1"})

    def test_what_the_monitor_leaves_out_is_said(self):
        path = self.file("step-30/model.safetensors")
        self.monitor.left_out = {"mixer": "its dtype is none that is analysed"}
        code, out, err = self.publish(path, "--run", "r")
        self.assertEqual(code, 0)
        self.assertIn("1 of 2 tensors published as step 30 of r", out)
        self.assertEqual(err, f"sinkwatch: {path}: left out: mixer: its dtype is none that is analysed\n")
        self.monitor.left_out["model.layers.0.attn_hc.base"] = "it has no values"
        code, out, err = self.publish(path, "--run", "r")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("the monitor takes none of its tensors", err)

    def test_everything_if_asked_and_what_the_file_says_of_itself(self):
        metadata = {"sinkwatch.step": "9", "sinkwatch.run": "other", "sinkwatch.operators": "2"}
        metadata.update({"sinkwatch.kind.mixer": "dense", "sinkwatch.kind.head": "dense", "other": "x"})
        path = self.file("model.safetensors", metadata=metadata)
        self.assertEqual(self.publish(path, "--run", "r", "--all")[0], 0)
        body = self.monitor.bodies[0]
        self.assertEqual((body.step, len(body.names)), (9, 3))
        said = {"sinkwatch.operators": "2", "sinkwatch.attempt": "0", "sinkwatch.kind.mixer": "dense"}
        self.assertEqual(body.metadata, {**said, "sinkwatch.kind.head": "dense"})
        self.assertEqual(self.publish(path, "--run", "r")[0], 0)
        self.assertEqual(self.monitor.bodies[1].metadata, said, "head is not in that body")
        self.assertEqual(self.publish(path, "--run", "r", "--step", "11")[0], 0)
        self.assertEqual(self.monitor.bodies[2].step, 11)

    def test_steps_as_names_tell_them(self):
        for name, step in (
            ("checkpoint-5/model.safetensors", 5),
            ("global_step6/model.safetensors", 6),
            ("7/model.safetensors", 7),
            ("a/model-8.safetensors", 8),
            ("a/model-00001-of-00009.safetensors", 0),
        ):
            self.assertEqual(self.publish(self.file(name), "--run", "r")[0], 0)
            self.assertEqual(self.monitor.bodies[-1].step, step, name)

    def test_a_document_that_is_sent_again_is_whole_again(self):
        self.monitor.answers = [503]
        self.assertEqual(self.publish(self.file("1/x.safetensors"), "--run", "r")[0], 0)
        self.assertEqual(self.monitor.bodies[0].floats("mixer"), [0.5] * 4)

    def test_what_is_wrong_is_one_line_and_1(self):
        good = self.file("good.safetensors")
        broken = os.path.join(self.directory, "broken.safetensors")
        with open(broken, "wb") as file:
            file.write(b"\x00" * 6)
        cut = os.path.join(self.directory, "cut.safetensors")
        with open(good, "rb") as file, open(cut, "wb") as other:
            other.write(file.read()[:-1])
        text = os.path.join(self.directory, "text.safetensors")
        with open(text, "wb") as file:
            file.write(struct.pack("<Q", 4) + b"[1]]")
        lone = os.path.join(self.directory, "lone.safetensors")
        write(lone, {"head": ([1, 3], [1.0] * 3)})
        for arguments, line in (
            ([broken, "--run", "r"], "shorter than 8 bytes"),
            ([cut, "--run", "r"], "is not whole"),
            ([text, "--run", "r"], "cannot be read"),
            ([lone, "--run", "r"], "say --all"),
            (["/nosuch.safetensors", "--run", "r"], "No such file"),
            (["x.pt", "--run", "r"], "pickled"),
            ([good, "--run", "no spaces"], "run 'no spaces'"),
            ([good, "--run", "r", "--step", "-1"], "step -1"),
            ([good, "--run", "r", "--profile", "x"], "no profile 'x'"),
            ([good], "--run"),
            ([], "FILE"),
        ):
            with self.subTest(line):
                code, out, err = self.publish(*arguments)
                self.assertEqual((code, out), (1, ""))
                self.assertIn(line, err)
                self.assertEqual(err.count("\n"), 1)
        code, _, err = self.run_command(
            "publish", good, "--run", "r", "--url", f"http://127.0.0.1:{free_port()}", "--timeout", "0.1"
        )
        self.assertEqual((code, err.count("\n")), (1, 1))
        self.monitor.always = 400
        code, _, err = self.publish(good, "--run", "r")
        self.assertEqual(code, 1)
        self.assertIn("400 says 400", err)

    def test_a_large_file_is_read_while_it_is_sent(self):
        path = os.path.join(self.directory, "large.safetensors")
        size = 256 << 20
        header = {"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
        text = json.dumps(header).encode()
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + size)  # of zeros that take no place
        memory = 160 << 20
        done = subprocess.run(
            [sys.executable, "-m", "sinkwatch", "publish", path, "--run", "r", "--all", "--url", self.monitor.url],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory)),
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(self.monitor.bodies[0].data("w")), size)
