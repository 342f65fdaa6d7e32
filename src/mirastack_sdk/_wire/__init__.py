"""What moves bytes: codecs, frames, connections. Knows no plugin."""
