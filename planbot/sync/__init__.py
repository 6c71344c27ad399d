"""The pure core: desired state, identity, merging and the change set. Values in, values out."""
