"""The message contract for those who build a platform, generated from the models and the topology."""
