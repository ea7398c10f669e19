// The Gannet Point light, its beam standing in the fog.
#include "common.inc"
#include "functions.inc"
camera { location <-46, 7, -92> look_at <6, 19, 0> right x * 1.5 angle 42 }
light_source { <-300, 500, -300> color rgb <0.34, 0.4, 0.48> }
light_source { <200, 300, 300> color rgb <0.16, 0.18, 0.2> shadowless }
Sky(<0.3, 0.36, 0.42>, <0.2, 0.26, 0.33>, <0.08, 0.12, 0.18>)
fog { fog_type 1 distance 330 color rgb <0.19, 0.25, 0.32> }
Water(<0.02, 0.035, 0.04>, 0.3, 5)
// The rock.
isosurface {
	function { y - 7.5 + (x * x / 210 + z * z / 85) * 1.0
		- f_noise3d(x * 0.16, y * 0.3, z * 0.16) * 7 - f_noise3d(x * 0.7, y * 0.9, z * 0.7) * 1.6 }
	contained_by { box { <-60, -2, -50>, <60, 16, 50> } }
	max_gradient 7 accuracy 0.01
	texture {
		pigment { slope y color_map { [0.45 rgb <0.07, 0.07, 0.075>] [0.72 rgb <0.16, 0.155, 0.15>] [0.9 rgb <0.15, 0.15, 0.12>] [1 rgb <0.15, 0.16, 0.1>] } }
		normal { granite 0.25 scale 2 }
	}
}
#declare Base = 13;
union {
	lathe { cubic_spline 6, <4.6, -6>, <4.2, 0>, <3.5, 8>, <3.0, 16>, <2.7, 22>, <2.6, 26>
		texture {
			pigment { gradient y color_map { [0.0 rgb 0.85] [0.5 rgb 0.85] [0.5 rgb <0.62, 0.1, 0.07>] [1 rgb <0.62, 0.1, 0.07>] } scale 11 }
			normal { bumps 0.08 scale <1, 0.4, 1> }
		} }
	cylinder { <0, 21.6, 0>, <0, 22.1, 0>, 4.1 Paint(<0.13, 0.14, 0.15>) }
	torus { 4, 0.06 translate y * 23.2 Paint(<0.13, 0.14, 0.15>) }
	torus { 4, 0.05 translate y * 22.7 Paint(<0.13, 0.14, 0.15>) }
	#for (I, 0, 15) cylinder { <4, 22, 0>, <4, 23.2, 0>, 0.06 rotate y * I * 22.5 Paint(<0.13, 0.14, 0.15>) } #end
	cylinder { <0, 22, 0>, <0, 23, 0>, 2.4 Paint(<0.5, 0.08, 0.06>) }
	#for (I, 0, 9) cylinder { <2.3, 23, 0>, <2.3, 26, 0>, 0.07 rotate y * I * 36 Paint(<0.1, 0.1, 0.11>) } #end
	cylinder { <0, 23.3, 0>, <0, 25.7, 0>, 1.1 Glow(<9, 7.5, 4.6>) }
	cone { <0, 26, 0>, 2.7, <0, 28.2, 0>, 0.3 Paint(<0.5, 0.08, 0.06>) }
	sphere { <0, 28.5, 0>, 0.5 Paint(<0.1, 0.1, 0.11>) }
	#for (I, 0, 2) box { <-0.45, 5 + I * 6, -4.4>, <0.45, 6.5 + I * 6, 0> rotate y * (30 + I * 12) Paint(<0.05, 0.06, 0.08>) } #end
	translate <12, Base - 1, 4>
}
// The keepers' house.
union {
	box { <-6, 0, -4>, <6, 4.2, 4> Paint(0.8) }
	prism { linear_sweep linear_spline -6.4, 6.4, 4, <-4.6, 0>, <4.6, 0>, <0, 3.8>, <-4.6, 0> rotate <-90, 0, 0> rotate y * 90 scale <1, 1, 1> translate y * 4.2 Paint(<0.2, 0.09, 0.07>) }
	box { <-4.2, 5, -0.6>, <-3, 9.4, 0.6> Paint(0.7) }
	#for (I, 0, 2) box { <-4.5 + I * 3.6, 1.5, -4.1>, <-3.2 + I * 3.6, 3, -3.9> #if (I = 1) Glow(<3, 2.1, 1>) #else Paint(<0.06, 0.07, 0.09>) #end } #end
	translate <-6, Base - 1.8, 0>
}
// The lamp's light, and its beam in the fog.
light_source { <12, Base + 23.5, 4> color rgb <1.2, 0.95, 0.6> fade_distance 12 fade_power 2 shadowless }
#macro Beam(Angle)
	cone { <0, 0, 0>, 1.1, <190, 0, 0>, 15 open hollow
		texture { pigment { rgbt 1 } }
		interior { media { emission <0.016, 0.0138, 0.0096> density { spherical scale 190 color_map { [0 rgb 0] [1 rgb 1] } } samples 20 } }
		rotate y * Angle translate <12, Base + 23.5, 4> no_shadow }
#end
object { Beam(-14) }
object { Beam(166) }
sphere { <12, Base + 23.5, 4>, 16 hollow pigment { rgbt 1 }
	interior { media { emission <0.03, 0.026, 0.018> density { spherical scale 16 color_map { [0 rgb 0] [0.6 rgb 0.25] [1 rgb 2.4] } } samples 20 } } no_shadow }
