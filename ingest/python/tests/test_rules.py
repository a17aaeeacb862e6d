import re
import unittest
from pathlib import Path

from sinkwatch.names import clean
from sinkwatch.rules import PROFILES, RULES, part_of, profile_name, rule_for

ANALYZER = Path(__file__).resolve().parents[3] / "analyzer/src/main"
PACKAGE = "dev/sinkwatch/analyzer/profile"


def field(name, text):
    """The values of a key of a profile's file, without their quotes."""
    return [v.strip("'\"") for v in re.findall(rf"^\s*(?:- )?{name}: (.*)$", text, re.MULTILINE)]


class RulesTest(unittest.TestCase):
    def test_the_rules_are_those_of_the_monitor(self):
        java = (ANALYZER / "java" / PACKAGE / "Profiles.java").read_text()
        listed = re.search(r"BUILT_IN =\s*Stream.of\((.*?)\)", java, re.DOTALL).group(1)
        names = [name.strip().strip('"') for name in listed.split(",")]
        names = ["generic" if name == "GENERIC" else name for name in names]
        folder = ANALYZER / "resources" / PACKAGE
        self.assertEqual(sorted(p.stem for p in folder.glob("*.yaml")), sorted(names))
        theirs = []
        for name in names:
            text = (folder / f"{name}.yaml").read_text()
            tensors, seen = field("tensor", text), field("observability", text)
            self.assertEqual(len(tensors), text.count("- tensor:"))
            self.assertEqual(len(tensors), len(seen))
            if seen == ["sampled"]:
                continue  # no weights
            parts = field("logits", text)
            self.assertEqual(len(tensors), len(parts), name)
            self.assertLessEqual(len(tensors), 1, name)
            others = self.others(text)
            for tensor, how, part in zip(tensors, seen, parts):
                theirs.append((name, re.sub(r"\?<\w+>", "", tensor), how, part, *others))
        self.assertGreater(len(theirs), 5)
        ours = [(r.profile, r.layer.pattern, r.observability, r.logits, r.end, set(r.others)) for r in RULES]
        self.assertEqual(ours, theirs)
        self.assertEqual(list(PROFILES), names)

    @staticmethod
    def others(text):
        """The end of the rule's own tensor's name, and what the others have in its place."""
        found = re.search(r"with:\s*\{(.*)\}", text)
        said = dict(pair.split(": ") for pair in found.group(1).split(", ")) if found else {}
        roles = ("weight", "scale", "norm", "share-logit")
        return said.get("end", ""), {e for r in roles for e in said.get(r, "").split("|") if e}

    def test_other_tensors_of_a_mixer_go_with_it(self):
        self.assertEqual(part_of("model.layers.3.attn_hc.fn").profile, "deepseek-v4-hf")
        self.assertEqual(part_of("h.0.hc_attn.H_res_alpha_logit", "tokenbender").profile, "tokenbender")
        self.assertIsNone(part_of("model.layers.3.attn_hc.base"))
        self.assertIsNone(part_of("model.layers.3.mlp.fn"))
        self.assertIsNone(part_of("model.layers.3.attn_hc.fn", "deepseek-v4-hf"))
        self.assertIsNotNone(part_of("model.layers.3.attn_hc.fn", "deepseek-v4-hf-isotropic"))
        self.assertIsNotNone(rule_for("model.layers.3.attn_hc.base", "deepseek-v4-hf-isotropic"))
        self.assertEqual(profile_name("megatron-isotropic"), "megatron-isotropic")
        with self.assertRaises(ValueError):
            profile_name("sinkformer-isotropic")

    def test_names_that_families_use(self):
        for profile, name in (
            ("tokenbender", "transformer.h.11.hc_attn.H_res_logits"),
            ("deepseek-v4", "model.layers.7.hc_ffn_base"),
            ("deepseek-v4-hf", "layers.7.ffn_hc.base"),
            ("megatron", "decoder.layers.12.self_attention_hyper_connection.bias"),
            ("lucidrains", "transformer.layers.4.branch.static_alpha"),
            ("maxtext", "params-decoder-layers_3-mhc_mlp-res_beta"),
        ):
            self.assertEqual(rule_for(name).profile, profile)
            self.assertIsNone(rule_for(name, "generic"))
            self.assertIsNone(rule_for(name + ".weight"))
        self.assertIsNone(rule_for("encoder.layers.0.hc_attn_base"))
        self.assertIsNone(rule_for("layers.99999999999.hc_attn_base"))
        self.assertIsNone(rule_for("layers.\u0661.hc_attn_base"))

    def test_shapes_that_hold_a_mixer(self):
        matrix = rule_for("h.0.hc_attn.H_res_logits")
        self.assertTrue(matrix.fits((4, 4)) and matrix.fits((2, 4, 4)))
        self.assertFalse(matrix.fits((16,)) or matrix.fits((4, 5)) or matrix.fits((0, 0)))
        bias = rule_for("layers.0.hc_attn_base")
        self.assertTrue(bias.fits((24,)) and bias.fits((24, 1)))
        self.assertFalse(bias.fits((25,)) or bias.fits((0,)))
        self.assertEqual(rule_for("layers.0.static_alpha", "auto", (28,)).profile, "mhc-lite")
        self.assertEqual(rule_for("layers.0.static_alpha", "auto", (4, 5)).profile, "lucidrains")
        columns = rule_for("layers.0.static_alpha")
        self.assertTrue(columns.fits((4, 5)) and columns.fits((4, 4)))
        self.assertFalse(columns.fits((5, 4)) or columns.fits((4,)))

    def test_profiles_by_name(self):
        self.assertEqual(profile_name(None), "auto")
        self.assertEqual(profile_name("megatron"), "megatron")
        with self.assertRaises(ValueError):
            profile_name("nosuch")

    def test_names_without_their_wrappers(self):
        for name, plain in (
            ("_orig_mod.layers.0.w", "layers.0.w"),
            ("module._orig_mod.layers.0.w", "layers.0.w"),
            ("_orig_mod.module.layers.0.w", "layers.0.w"),
            ("layers.0._fsdp_wrapped_module._checkpoint_wrapped_module.w", "layers.0.w"),
            ("layers.0.module.w", "layers.0.module.w"),
            ("my_module.w", "my_module.w"),
        ):
            self.assertEqual(clean(name), plain)
