"""Figures as a run of the benchmark gives them."""

from engine.bench.figures import Figure, figure

PRODUCTS = "bare matrix products, as if nothing else took time"
LINES = "the sum of the lines' delays"
FIGURES: tuple[Figure, ...] = (
    figure(
        "One stream", "through 1 server, tokens/s", [1.01, 0.98, 1.04], "of local generate()", [1.4], PRODUCTS
    ),
    figure(
        "One stream",
        "through 3 servers, tokens/s",
        [0.95, 0.93, 0.96],
        "of local generate()",
        [1.4],
        PRODUCTS,
    ),
    figure("Many streams", "8 at once, tokens/s", [3.9, 3.7, 4.0], "of one stream", [6.1], PRODUCTS),
    figure(
        "Far links", "20 ms, plain: seconds per token", [1.9, 1.8, 2.0], "of the lines' own", [1.0], LINES
    ),
    figure("Far links", "20 ms, a story: tokens/s with drafts", [1.2, 1.1, 1.3], "of those without"),
    figure(
        "Far links", "100 ms, plain: seconds per token", [1.2, 1.2, 1.3], "of the lines' own", [1.0], LINES
    ),
    figure("Start and end", "told to stop, until its process is gone", [0.07], "s"),
)
