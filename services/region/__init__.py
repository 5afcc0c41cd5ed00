"""The reference region: a small, honest platform on one machine, behind the API of docs/region-api.md."""
