"""The sandbox's pages for people, rendered here and on the API's own port."""
