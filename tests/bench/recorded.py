"""Figures as a run of the benchmark gives them."""

from engine.bench.figures import Figure, Point, figure

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
    *(
        figure(
            *("Far links", f"{1000 * seconds:.0f} ms, plain: tokens/s", [share], "of local generate()"),
            *([share + 0.02], LINES),
            points=(Point("Tokens a second", "plain", seconds, rate), Point("Trips", "plain", seconds, 1.0)),
        )
        for seconds, share, rate in ((0.02, 0.5, 9.8), (0.1, 0.2, 4.4))
    ),
    *(
        figure(
            *("Far links", f"{1000 * seconds:.0f} ms, draft model: tokens/s", [gain], "of those without"),
            points=(Point("Tokens a second", "draft model", seconds, gain * 4),),
        )
        for seconds, gain in ((0.1, 4.9), (0.02, 1.5))
    ),
    figure("Start and end", "told to stop, until its process is gone", [0.07], "s"),
)
