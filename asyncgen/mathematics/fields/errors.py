"""Why a computation in a field stops. None of these is ever a verdict on a function."""


class Undecided(Exception):
    """The procedure is not written for this case, or it grew too large; the text says which."""


class NeedsExtension(Undecided):
    """A root stands in the way: another variable, or a field that is algebraic over a tower, may help.

    of_logarithm: whether it is the root of a logarithm's argument, as exp(atan(x)/2) has it.
    """

    def __init__(self, text: str, *, of_logarithm: bool = False) -> None:
        super().__init__(text)
        self.of_logarithm = of_logarithm


class Degenerate(Exception):
    """The function is undefined everywhere: a division by zero, or the logarithm of zero."""


class NeedsPrime(Exception):
    """The same has to be done again modulo a prime with other properties."""


class NeedsSmallPrime(NeedsPrime):
    """A polynomial has to be factored, which flint does for primes below 2**31 only."""


class NeedsDigits(NeedsPrime):
    """A number is too long to be read from its residue modulo this prime."""


class NeedsAnotherPrime(NeedsPrime):
    """A root of a constant is wanted, and modulo this prime it does not exist."""


class NeedsRoot(NeedsPrime):
    """The square root of `radicand` is wanted, and modulo this prime it does not exist."""

    def __init__(self, radicand: int) -> None:
        super().__init__(f"sqrt({radicand})")
        self.radicand = radicand
