"""New projects: their names, the files of the template, and how they are written."""
