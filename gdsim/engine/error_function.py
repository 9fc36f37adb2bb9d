"""The error function, to the standard of ``gdsim.engine.elementary``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.elementary import exp
from gdsim.engine.intrinsics import fma

ERF_IS_ONE = 6.0


def erf(x):
    """2 / sqrt(pi) times the integral of e**(-t**2) from 0 to x, at most 2 ulp everywhere; it is 1 from 5.93 on."""
    a = abs(float(x))
    near = fma(a, erf_near(a * a), a)
    a_far = ERF_IS_ONE if a > ERF_IS_ONE else a
    far = 1.0 - exp(-minus_log_of_rest(a_far))
    return math.copysign(near if a < 0.9 else far, x)


def erf_near(z):
    """(erf x) / x - 1 for z = x**2, |x| <= 0.9."""
    p = -8.474918477689032e-10
    p = fma(p, z, 1.404308169893303e-08)
    p = fma(p, z, -1.6274929191816942e-07)
    p = fma(p, z, 1.6455157044641778e-06)
    p = fma(p, z, -1.4925296073372296e-05)
    p = fma(p, z, 0.00012055320890787807)
    p = fma(p, z, -0.0008548326750914767)
    p = fma(p, z, 0.005223977621537379)
    p = fma(p, z, -0.026866170644800343)
    p = fma(p, z, 0.11283791670953673)
    p = fma(p, z, -0.37612638903183726)
    return fma(p, z, 0.1283791670955126)


def minus_log_of_rest(a):
    """-log(1 - erf a) for 0.9 <= a <= 6, so close that 1 - erf a has a small error beside erf a."""
    p = 1.3541548943870502e-15
    p = fma(p, a, -8.954550462227283e-14)
    p = fma(p, a, 2.800097074556187e-12)
    p = fma(p, a, -5.50875739589149e-11)
    p = fma(p, a, 7.651129530431476e-10)
    p = fma(p, a, -7.977057035380637e-09)
    p = fma(p, a, 6.476518115380326e-08)
    p = fma(p, a, -4.187676274551276e-07)
    p = fma(p, a, 2.1827560507892277e-06)
    p = fma(p, a, -9.190686307103736e-06)
    p = fma(p, a, 3.0891288868522004e-05)
    p = fma(p, a, -7.96053529350128e-05)
    p = fma(p, a, 0.0001380513898277539)
    p = fma(p, a, -6.289065947025758e-05)
    p = fma(p, a, -0.0005026209618557843)
    p = fma(p, a, 0.001626347932614192)
    p = fma(p, a, -0.0001647195548307228)
    p = fma(p, a, -0.01915048666608721)
    p = fma(p, a, 0.10278079037513654)
    p = fma(p, a, 0.636617629405519)
    p = fma(p, a, 1.1283795192354815)
    return fma(p, a, -2.7301997844879903e-08)
