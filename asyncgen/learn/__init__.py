"""Learning from the rows: an integrator that writes answers, and a classifier of integrability.

    stores, exports ──data──▶ corpora ──▶ networks, trained by `training` ──▶ a model's folder
    problems ──▶ integrator (decoding under the grammar) ──▶ judging, in worker processes ──▶ verdicts

It is the only package that imports PyTorch; nothing beneath imports it.
"""
