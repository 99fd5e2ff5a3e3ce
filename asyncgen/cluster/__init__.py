"""The main job over many machines, with Temporal.

    submit ──Request──▶ workflow Run ──a shard at a time──▶ node: generate() into a scratch store
    store ◀──workflow Bring ◀──rows, deflated──────────────────────┘

Only this room imports `temporalio`, which the extra `cluster` brings.
"""
