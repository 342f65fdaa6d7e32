"""gRPC's own services: health checking, and reflection.

Both are loaded when they are first called, and most agents never load them. `service_loading` tells
the server at which paths they are. They decide nothing: whether the agent serves is the state of
`serving_status`, and what it serves is in the generated descriptors.
"""
