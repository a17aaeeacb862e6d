import array
import ast
import gc
import importlib.util
import struct
import unittest
from pathlib import Path

import numpy
import torch

from sinkwatch.arrays import UnusableArray, host_tensor, width
from sinkwatch.document import Layer, Origin, documents

SOURCES = Path(__file__).resolve().parent.parent / "src" / "sinkwatch"


def values(tensor, kind):
    return list(struct.unpack(f"<{len(tensor.data) // struct.calcsize(kind)}{kind}", tensor.data))


class ArraysTest(unittest.TestCase):
    def test_torch_tensors_of_every_type(self):
        for name, kind in (
            ("float64", "d"),
            ("float32", "f"),
            ("float16", "e"),
            ("int64", "q"),
            ("int32", "i"),
            ("int16", "h"),
            ("int8", "b"),
            ("uint8", "B"),
        ):
            with self.subTest(name):
                tensor = host_tensor(torch.arange(6, dtype=getattr(torch, name)).reshape(2, 3))
                self.assertEqual(tensor.shape, (2, 3))
                self.assertEqual(values(tensor, kind), list(range(6)))
                self.assertEqual(len(tensor.data), 6 * width(tensor.dtype))

    def test_bfloat16_needs_no_numpy(self):
        tensor = host_tensor(torch.tensor([1.0, -2.0, 0.5], dtype=torch.bfloat16))
        self.assertEqual(tensor.dtype, "BF16")
        self.assertEqual(bytes(tensor.data), struct.pack("<3H", 0x3F80, 0xC000, 0x3F00))

    def test_views_are_read_as_they_look(self):
        square = torch.arange(6.0).reshape(2, 3)
        self.assertEqual(values(host_tensor(square.t()), "f"), [0, 3, 1, 4, 2, 5])
        self.assertEqual(values(host_tensor(square[:, 1:]), "f"), [1, 2, 4, 5])
        self.assertEqual(values(host_tensor(torch.ones(1).expand(2, 2)), "f"), [1] * 4)
        square = numpy.arange(6.0, dtype="f4").reshape(2, 3)
        self.assertEqual(values(host_tensor(square.T), "f"), [0, 3, 1, 4, 2, 5])
        self.assertEqual(values(host_tensor(square.astype(">f4")), "f"), list(range(6)))
        self.assertEqual(values(host_tensor(memoryview(square)[::-1]), "f"), [3, 4, 5, 0, 1, 2])

    def test_nothing_is_copied_that_need_not_be(self):
        tensor, plain = torch.zeros(3), numpy.zeros(3, "f4")
        one, other = host_tensor(tensor), host_tensor(plain)
        tensor += 1
        plain += 1
        self.assertEqual(values(one, "f"), [1] * 3)
        self.assertEqual(values(other, "f"), [1] * 3)

    def test_the_memory_lives_as_long_as_the_document(self):
        tensor = torch.arange(100_000.0)
        pointer = tensor.data_ptr()
        ready = documents([Layer("x", host_tensor(tensor))], Origin())
        del tensor
        gc.collect()
        piece = ready[0].pieces[-1]
        self.assertEqual(piece.obj.owner.data_ptr(), pointer)
        self.assertEqual(struct.unpack("<3f", piece[-12:]), (99_997, 99_998, 99_999))

    def test_a_parameter_that_learns(self):
        self.assertEqual(values(host_tensor(torch.nn.Parameter(torch.ones(2))), "f"), [1, 1])

    def test_buffers_of_the_standard_library(self):
        self.assertEqual(values(host_tensor(array.array("d", [1, 2])), "d"), [1, 2])
        self.assertEqual(host_tensor(array.array("l", [1])).dtype, "I64")
        self.assertEqual(host_tensor(b"ab"), ("U8", (2,), b"ab"))

    def test_what_cannot_be_read_is_said(self):
        for value, line in (
            (torch.tensor(1.0), "single number"),
            (numpy.float32(1), "single number"),
            (torch.ones(2, device="meta"), "meta device"),
            (torch.eye(2).to_sparse(), "sparse"),
            (torch.ones(2, dtype=torch.complex64), "complex64"),
            (torch.ones(2, dtype=torch.bool), "bool"),
            (torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.qint8), "quantized"),
            (numpy.array(["a"]), "str"),
            (numpy.array([None]), "object"),
            (memoryview(b"abcd").cast("c"), "format"),
            ([1.0], "a list"),
            (None, "a NoneType"),
        ):
            with self.subTest(line), self.assertRaises(UnusableArray) as raised:
                host_tensor(value)
            self.assertIn(line, str(raised.exception))
            self.assertNotIn("\n", str(raised.exception))

    def test_arrays_that_only_become_numpy_ones(self):
        class Foreign:  # as a jax.Array
            is_fully_addressable = True
            addressable_shards = ()

            def __array__(self):
                return numpy.ones((2, 2), "f4")

        self.assertEqual(host_tensor(Foreign()).shape, (2, 2))
        Foreign.is_fully_addressable = False
        with self.assertRaises(UnusableArray):
            host_tensor(Foreign())

    @unittest.skipUnless(importlib.util.find_spec("jax"), "jax is not installed")
    def test_jax(self):
        import jax.numpy

        tensor = host_tensor(jax.numpy.ones((2, 3), dtype=jax.numpy.bfloat16))
        self.assertEqual((tensor.dtype, tensor.shape, len(tensor.data)), ("BF16", (2, 3), 12))

    def test_no_values_at_all(self):
        self.assertEqual(bytes(host_tensor(torch.zeros(0, 4)).data), b"")
        self.assertEqual(bytes(host_tensor(numpy.zeros((0, 4))).data), b"")


class DocumentTest(unittest.TestCase):
    def test_many_layers_are_several_documents_with_headers_that_stay_small(self):
        tensor = host_tensor(b"abcd")
        layers = [Layer("x" * 240 + str(i), tensor, kind="dense") for i in range(2000)]
        ready = documents(layers, Origin(operators=3))
        self.assertGreater(len(ready), 1)
        self.assertEqual(sum(document.layers for document in ready), 2000)
        for document in ready:
            data = b"".join(document.pieces)
            self.assertEqual(len(data), document.length)
            self.assertLess(struct.unpack("<Q", data[:8])[0], 1 << 20)

    def test_large_tensors_are_sent_from_where_they_are(self):
        tensor = torch.zeros(1 << 20)
        document = documents([Layer("a", host_tensor(tensor)), Layer("b", host_tensor(b"x"))], Origin())[0]
        tensor += 1
        self.assertEqual(struct.unpack("<f", document.pieces[1][:4]), (1.0,))

    def test_names_beyond_ascii_are_utf_8(self):
        document = documents([Layer("schicht.\u00fc", host_tensor(b"x"))], Origin())[0]
        self.assertIn("schicht.\u00fc".encode(), b"".join(document.pieces))


class SourcesTest(unittest.TestCase):
    def test_python_3_9_reads_them(self):
        sources = sorted(SOURCES.glob("*.py"))
        self.assertGreater(len(sources), 10)
        for source in sources:
            with self.subTest(source.name):
                tree = ast.parse(source.read_text(), feature_version=(3, 9))
                unions = [
                    node.lineno
                    for node in ast.walk(tree)
                    if isinstance(node, ast.BinOp)
                    and isinstance(node.op, ast.BitOr)
                    and isinstance(node.right, ast.Constant)
                    and node.right.value is None
                ]
                self.assertEqual(unions, [])
