//! Floating point that is the same on every machine: random numbers, exp, ln and the normal quantile.
//!
//! IEEE 754 fixes `+ − × ÷ √` to the last bit, and nothing else: the `exp` of two C libraries differ, and so would two servers'
//! percentiles. So these are made of the five alone, in an order that the source gives (the compiler neither reorders nor fuses).
//! Their errors are a few units in the last place, which the tests measure against the platform's functions.

/// ln 2, split so that `exponent × LN_2_HIGH` is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// eˣ; 0 and ∞ beyond what is representable.
pub fn exp(x: f64) -> f64 {
    if x > 709.0 {
        return f64::INFINITY;
    }
    if x < -708.0 {
        return 0.0;
    }
    let halvings = (x * std::f64::consts::LOG2_E + 0.5).floor();
    let rest = (x - halvings * LN_2_HIGH) - halvings * LN_2_LOW;
    // Taylor's series, from its smallest term: |rest| < 0.35, so that the first term left out is below 10⁻¹⁷.
    let mut sum = 1.0;
    let mut place = 14.0;
    while place > 0.5 {
        sum = 1.0 + sum * (rest / place);
        place -= 1.0;
    }
    sum * two_to_the(halvings)
}

/// 2ⁿ, n a whole number of −1021 … 1023.
fn two_to_the(exponent: f64) -> f64 {
    let biased = exponent + 1023.0;
    f64::from_bits((biased as u64) << 52)
}

/// ln x, x > 0 and normal.
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = f64::from(((bits >> 52) & 0x7ff) as u32) - 1023.0;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    // 2 artanh s = 2 (s + s³/3 + s⁵/5 + …); |s| < 0.172, so that the first term left out is below 10⁻¹⁸.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    let mut power = 21.0;
    while power > 1.5 {
        sum = (sum + 1.0 / power) * square;
        power -= 2.0;
    }
    exponent * LN_2_HIGH + (exponent * LN_2_LOW + 2.0 * s * (1.0 + sum))
}

/// The `x` below which a standard normal variable lies with probability `p`, 0 < p < 1.
///
/// Algorithm AS 241 (PPND16) of M. J. Wichura, Applied Statistics 37 (1988) 477–484: a relative error of about 10⁻¹⁶. One uniform
/// number makes one normal one, so a path's stream never depends on what was thrown away.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * quotient(r, &CENTRE);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-ln(tail)).sqrt();
    let x = if r <= 5.0 { quotient(r - 1.6, &SHOULDER) } else { quotient(r - 5.0, &TAIL) };
    if q < 0.0 { -x } else { x }
}

/// Numerator and denominator, the highest power first.
type Quotient = ([f64; 8], [f64; 8]);

fn quotient(x: f64, (numerator, denominator): &Quotient) -> f64 {
    let polynomial = |coefficients: &[f64; 8]| coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient);
    polynomial(numerator) / polynomial(denominator)
}

/// |p − ½| ≤ 0.425.
#[expect(clippy::excessive_precision, reason = "as published, so that they can be compared")]
const CENTRE: Quotient = (
    [
        2_509.080_928_730_122_672_7,
        33_430.575_583_588_128_105,
        67_265.770_927_008_700_853,
        45_921.953_931_549_871_457,
        13_731.693_765_509_461_125,
        1_971.590_950_306_551_442_7,
        133.141_667_891_784_377_45,
        3.387_132_872_796_366_608,
    ],
    [
        5_226.495_278_852_854_561,
        28_729.085_735_721_942_674,
        39_307.895_800_092_710_61,
        21_213.794_301_586_595_867,
        5_394.196_021_424_751_107_7,
        687.187_007_492_057_908_3,
        42.313_330_701_600_911_252,
        1.0,
    ],
);
/// To five standard deviations and beyond: r = √(−ln tail) ≤ 5.
#[expect(clippy::excessive_precision, reason = "as published, so that they can be compared")]
const SHOULDER: Quotient = (
    [
        7.745_450_142_783_414_076_4e-4,
        2.272_384_498_926_918_458_33e-2,
        2.417_807_251_774_506_117_7e-1,
        1.270_458_252_452_368_382_58,
        3.647_848_324_763_204_605_04,
        5.769_497_221_460_691_405_5,
        4.630_337_846_156_545_295_9,
        1.423_437_110_749_683_577_34,
    ],
    [
        1.050_750_071_644_416_843_24e-9,
        5.475_938_084_995_344_946e-4,
        1.519_866_656_361_645_719_66e-2,
        1.481_039_764_274_800_745_9e-1,
        6.897_673_349_851_000_045_5e-1,
        1.676_384_830_183_803_849_4,
        2.053_191_626_637_758_821_87,
        1.0,
    ],
);
/// Beyond.
#[expect(clippy::excessive_precision, reason = "as published, so that they can be compared")]
const TAIL: Quotient = (
    [
        2.010_334_399_292_288_132_65e-7,
        2.711_555_568_743_487_578_15e-5,
        1.242_660_947_388_078_438_6e-3,
        2.653_218_952_657_612_309_3e-2,
        2.965_605_718_285_048_912_3e-1,
        1.784_826_539_917_291_335_8,
        5.463_784_911_164_114_369_9,
        6.657_904_643_501_103_777_2,
    ],
    [
        2.044_263_103_389_939_785_64e-15,
        1.421_511_758_316_445_888_7e-7,
        1.846_318_317_510_054_681_8e-5,
        7.868_691_311_456_132_591e-4,
        1.487_536_129_085_061_485_25e-2,
        1.369_298_809_227_358_053_1e-1,
        5.998_322_065_558_879_376_9e-1,
        1.0,
    ],
);

/// xoshiro256++ of D. Blackman and S. Vigna (public domain): integers only, so the same everywhere.
#[derive(Clone, Debug)]
pub struct Stream([u64; 4]);

impl Stream {
    /// The stream of a path. It depends on seed and path alone, not on who computes it, or when.
    pub fn of_path(seed: u64, path: u64) -> Self {
        // SplitMix64, as the authors advise; hashing the seed before the path is added keeps neighbouring seeds apart.
        let mut state = split_mix(seed).wrapping_add(path.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self([(); 4].map(|()| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            split_mix(state)
        }))
    }

    /// 64 random bits.
    pub fn next_bits(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// Between 0 and 1, and neither.
    pub fn uniform(&mut self) -> f64 {
        ((self.next_bits() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// 0 … `below` − 1, each as likely as any other to one in 10¹⁷.
    pub fn below(&mut self, below: usize) -> usize {
        ((u128::from(self.next_bits()) * below as u128) >> 64) as usize
    }
}

fn split_mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The functions of this machine's library, which are good to a unit in the last place.
    #[test]
    fn exp_and_ln_agree_with_the_platform_to_fifteen_digits() {
        for step in -4_000..4_000 {
            let x = f64::from(step) * 0.017_3;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-15, "exp({x})");
            let y = x.exp();
            assert!((ln(y) - y.ln()).abs() <= 1e-15 * y.ln().abs().max(1.0), "ln({y})");
        }
        assert_eq!((exp(0.0), ln(1.0), exp(-800.0), exp(800.0)), (1.0, 0.0, 0.0, f64::INFINITY));
    }

    #[test]
    fn quantiles_are_those_of_an_independent_implementation() {
        // Python 3: statistics.NormalDist().inv_cdf(p).
        for (p, expected) in QUANTILES {
            assert!((normal_quantile(p) - expected).abs() < 1e-14 * expected.abs().max(1.0), "{p}: {}", normal_quantile(p));
        }
    }

    #[test]
    fn a_stream_is_the_published_generator() {
        // The reference C code of xoshiro256++ from the state 1, 2, 3, 4.
        let mut stream = Stream([1, 2, 3, 4]);
        let first = [(); 4].map(|()| stream.next_bits());
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn streams_of_neighbouring_paths_and_seeds_have_nothing_in_common() {
        let first = |seed, path| Stream::of_path(seed, path).next_bits();
        let mut seen: Vec<u64> = (0..50).flat_map(|seed| (0..50).map(move |path| first(seed, path))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 2_500);
    }

    const QUANTILES: [(f64, f64); 11] = [
        (1e-12, -7.034483825301132),
        (1e-06, -4.753424308822899),
        (0.0013, -3.0114537584997847),
        (0.0749, -1.4402382675279632),
        (0.0751, -1.4388253927525398),
        (0.25, -0.6744897501960817),
        (0.5, 0.0),
        (0.6, 0.2533471031357998),
        (0.9249, 1.4388253927525403),
        (0.99, 2.3263478740408408),
        (0.9999, 3.7190164854557084),
    ];
}
