"""The peer-to-peer node and the directory of spans; the only place that imports hivemind."""
