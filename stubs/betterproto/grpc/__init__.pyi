# Nothing of this module is used.
