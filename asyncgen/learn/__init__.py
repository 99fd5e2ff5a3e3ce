"""Learning from the rows: an integrator that writes answers, a classifier of integrability, experiments.

    stores, exports ──data──▶ corpora ──▶ networks, trained by `training` ──▶ a model's folder
    problems ──▶ integrator (decoding under the grammar) ──▶ judging, in worker processes ──▶ verdicts

It is the only package that imports PyTorch; nothing beneath imports it.
"""
