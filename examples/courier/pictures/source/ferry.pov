// The island ferry on a bright, windy day, from another boat.
#include "common.inc"
#include "functions.inc"
camera { location <38, 6.5, -118> look_at <5, 10.5, 0> right x * 1.5 angle 40 }
light_source { <-500, 420, -700> color rgb <1.25, 1.15, 1.0> parallel point_at 0 }
light_source { <400, 300, 100> color rgb <0.2, 0.25, 0.32> shadowless }
Sky(<0.78, 0.86, 0.92>, <0.46, 0.64, 0.8>, <0.13, 0.32, 0.58>)
Clouds(<0.97, 0.97, 0.98>, 0.52, 700)
// A sea with real waves near the boat, and a painted one beyond.
#declare Tall = function(x, y, z) { f_noise3d(x * 0.09, y, z * 0.16) * 1.5 + f_noise3d(x * 0.3 + 4, y, z * 0.42) * 0.8 + f_noise3d(x * 1.1, y, z * 1.3) * 0.24 }
#declare Sea = texture {
	pigment { color rgb <0.02, 0.09, 0.13> }
	finish { diffuse 0.5 reflection { 0.03, 0.8 fresnel on } conserve_energy specular 0.5 roughness 0.008 }
	normal { bumps 0.25 scale <1.2, 1, 0.5> }
}
isosurface {
	function { y + 1.2 - Tall(x, 0, z) }
	contained_by { box { <-160, -2, -117>, <160, 2, 300> } }
	max_gradient 1.1 accuracy 0.01 texture { Sea } interior { ior 1.33 }
}
plane { y, -0.1 texture { Sea normal { bumps 0.5 scale <6, 1, 3> } } interior { ior 1.33 } }
// Islands.
isosurface {
	function { y - 42 + pow((x + 330) / 190, 2) * 60 + pow((z - 900) / 110, 2) * 60 - f_noise3d(x * 0.02, 0, z * 0.02) * 34 }
	contained_by { box { <-700, -1, 700>, <60, 90, 1100> } } max_gradient 4
	Paint(<0.13, 0.2, 0.22>)
}
isosurface {
	function { y - 16 + pow((x + 20) / 170, 2) * 40 + pow((z - 1300) / 110, 2) * 60 - f_noise3d(x * 0.02, 0, z * 0.02) * 30 }
	contained_by { box { <-420, -1, 1100>, <400, 60, 1500> } } max_gradient 4
	Paint(<0.22, 0.32, 0.38>)
}
#macro Deck(X1, X2, Half, Low, High, Colour)
	difference {
		box { <X1, Low, -Half>, <X2, High, Half> }
		#for (X, X1 + 1.2, X2 - 2.2, 2.1) box { <X, Low + (High - Low) * 0.42, -Half - 1>, <X + 1.3, High - 0.5, -Half + 0.15> } #end
		Paint(Colour)
	}
	box { <X1 + 0.2, Low + 0.1, -Half + 0.1>, <X2 - 0.2, High - 0.2, Half - 0.1> texture { pigment { rgb <0.03, 0.05, 0.07> } finish { reflection 0.2 } } }
#end
union {
	// The hull: dark blue, a red boot, a cream strake.
	object { Smooth(-1, 5.4, array[10] { <-38, 0>, <-36, -6>, <-20, -7.2>, <10, -7.2>, <28, -5>, <38, 0>, <28, 5>, <10, 7.2>, <-20, 7.2>, <-36, 6> }) 
		texture { pigment { gradient y color_map { [0.0 rgb <0.45, 0.06, 0.04>] [0.28 rgb <0.45, 0.06, 0.04>] [0.28 rgb <0.03, 0.1, 0.2>] [0.86 rgb <0.03, 0.1, 0.2>] [0.86 rgb <0.9, 0.86, 0.76>] [1 rgb <0.9, 0.86, 0.76>] } scale 6.4 translate -y }
			finish { diffuse 0.8 specular 0.3 roughness 0.02 reflection 0.04 } } }
	Deck(-33, 24, 6.8, 5.4, 8.6, <0.92, 0.91, 0.87>)
	Deck(-27, 20, 6.2, 8.8, 11.8, <0.92, 0.91, 0.87>)
	box { <-34, 8.6, -7>, <25, 8.8, 7> Paint(<0.85, 0.84, 0.8>) }
	box { <-31, 11.8, -6.8>, <22, 12.05, 6.8> Paint(<0.85, 0.84, 0.8>) }
	Deck(9, 17, 5.2, 12, 15, <0.92, 0.91, 0.87>)
	box { <7.6, 15, -6.8>, <18, 15.3, 6.8> Paint(<0.85, 0.84, 0.8>) }
	// Funnel with the line's bands.
	cylinder { <0, 0, 0>, <0, 8.5, 0>, 2.3 scale <1.35, 1, 0.8> matrix <1, 0, 0, -0.22, 1, 0, 0, 0, 1, 0, 0, 0> translate <-9, 12, 0>
		texture { pigment { gradient y color_map { [0 rgb <0.78, 0.42, 0.05>] [0.62 rgb <0.78, 0.42, 0.05>] [0.62 rgb 0.85] [0.74 rgb 0.85] [0.74 rgb <0.02, 0.03, 0.05>] [1 rgb <0.02, 0.03, 0.05>] } scale 8.6 translate y * 12 } finish { specular 0.3 } } }
	cylinder { <12, 15, 0>, <11, 24, 0>, 0.18 Paint(0.9) }
	cylinder { <11.4, 20, -2.4>, <11.4, 20, 2.4>, 0.1 Paint(0.9) }
	cylinder { <-37, 8, 0>, <-38.4, 12, 0>, 0.1 Paint(0.9) }
	#for (I, 0, 2)
		union { sphere { 0, 1 scale <3, 1, 1> } box { <-2.8, 0, -0.9>, <2.8, 0.3, 0.9> } translate <-24 + I * 8.5, 13.4, -5.4> Paint(<0.82, 0.3, 0.05>) }
		box { <-26 + I * 8.5, 12, -5.6>, <-25.7 + I * 8.5, 14.6, -5.3> Paint(0.9) }
		box { <-22.3 + I * 8.5, 12, -5.6>, <-22 + I * 8.5, 14.6, -5.3> Paint(0.9) }
	#end
	#for (X, -31, 22, 1.5) cylinder { <X, 12, -6.7>, <X, 13, -6.7>, 0.04 Paint(0.9) } #end
	cylinder { <-31, 13, -6.7>, <22, 13, -6.7>, 0.05 Paint(0.9) }
	rotate z * 1.2 rotate x * 1.5
}
// Foam: along the hull, at the bow and astern.
#declare R = seed(12);
#macro Foam(X, Z, Size) sphere { 0, 1 scale <Size * 1.6, Size * 0.35, Size> translate <X, 0.25 + 0.2 * rand(R), Z> } #end
union {
	#for (I, 0, 420) #local T = rand(R); Foam(37 - T * 78, -(2 + T * 7 + 1.4 * rand(R) * (0.4 + T)), 0.15 + 0.5 * rand(R) * (1 - T * 0.5)) #end
	#for (I, 0, 500) #local T = rand(R); Foam(-38 - T * 70, (rand(R) - 0.5) * (9 + T * 16), (0.2 + 0.6 * rand(R)) * (1 - T * 0.6)) #end
	#for (I, 0, 120) sphere { 0, 0.05 + 0.14 * rand(R) scale <2, 0.6, 1> translate <40 - rand(R) * 9, rand(R) * rand(R) * 1.6, -0.5 - rand(R) * 5.5> } #end
	texture { pigment { rgb <0.95, 0.97, 0.98> } finish { diffuse 0.8 emission 0.15 } } no_reflection
}
