"""Face re-ageing by a network that a production owns or licenses (after Zoss, Chandran, Sifakis, Gross, Gotardo and Bradley,
"Production-Ready Face Re-Aging for Visual Effects", 2022). No weights are part of Setpiece."""
