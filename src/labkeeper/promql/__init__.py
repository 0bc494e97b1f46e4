"""PromQL: parsing, walking, shapes. The only room that knows the parser."""
