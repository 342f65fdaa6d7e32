"""The files that settings name: certificates, keys and secrets.

`named_file` reads a file whole, or refuses it in one sentence that names the setting and the path.
`reloaded_files` keeps what is made of files, and makes it anew when they have changed. Whoever
needs the value asks: nothing here waits or watches. What is in the files is none of its business.
"""
