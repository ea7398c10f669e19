// Boxes of the city archive, in the old cannery.
#include "common.inc"
camera { location <-2.3, 1.65, -5.2> look_at <0.35, 1.55, 4> right x * 1.5 angle 56 }
Sky(<0.05, 0.05, 0.06>, <0.05, 0.05, 0.06>, <0.05, 0.05, 0.06>)
#declare R = seed(1871);
plane { y, 0 texture { pigment { granite color_map { [0 rgb 0.2] [1 rgb 0.3] } scale 3 } finish { diffuse 0.6 reflection { 0.01, 0.25 fresnel on } conserve_energy } } interior { ior 1.5 } }
plane { y, 4.3 Paint(<0.3, 0.3, 0.3>) }
plane { -z, -26 Paint(<0.35, 0.36, 0.37>) }
// An archive box: lid, label, pull.
#macro Box(Wide, High, Tint, Labelled)
	union {
		box { <0, 0, 0>, <Wide, High, 0.4> Paint(Tint) }
		box { <-0.006, High * 0.74, -0.008>, <Wide + 0.006, High + 0.008, 0.41> Paint(Tint * 1.1) }
		#if (Labelled)
			box { <Wide * 0.24, High * 0.2, -0.004>, <Wide * 0.76, High * 0.6, 0.01> Paint(<0.85, 0.82, 0.74>) }
			#for (L, 0, 2) box { <Wide * 0.29, High * (0.28 + L * 0.1), -0.006>, <Wide * (0.5 + rand(R) * 0.2), High * (0.3 + L * 0.1), 0> Paint(<0.1, 0.1, 0.16>) } #end
		#end
		cylinder { <Wide / 2, High * 0.85, -0.012>, <Wide / 2, High * 0.85, 0.02>, 0.022 Paint(<0.6, 0.5, 0.3>) }
	}
#end
#declare Tones = array[4] { <0.42, 0.28, 0.15>, <0.3, 0.34, 0.36>, <0.46, 0.37, 0.24>, <0.36, 0.1, 0.07> };
#macro Tone() Tones[int(Pick * Pick * 4)] #end
// Steel shelving along z, its boxes facing the aisle.
#macro Shelving(Long)
	union {
		#for (X, 0, Long, 2)
			#for (D, 0, 0.44, 0.44) box { <X - 0.03, 0, D - 0.03>, <X + 0.03, 3.4, D + 0.03> Paint(<0.14, 0.2, 0.24>) } #end
		#end
		#for (S, 0, 5)
			box { <0, 0.16 + S * 0.6, -0.03>, <Long, 0.2 + S * 0.6, 0.47> Paint(<0.14, 0.2, 0.24>) }
			#local X = 0.06;
			#while (X < Long - 0.5)
				#local Wide = 0.3 + (rand(R) < 0.3 ? 0.12 : 0);
				#if (mod(X, 2) + Wide < 1.97 & rand(R) > 0.05)
					#declare Pick = rand(R);
					object { Box(Wide, 0.3 + (rand(R) < 0.5 ? 0.1 : 0), Tone() * (0.75 + rand(R) * 0.4), (rand(R) < 0.92)) rotate y * (rand(R) - 0.5) * 5 translate <X, 0.2 + S * 0.6, 0.01 + rand(R) * 0.03> }
				#end
				#local X = X + Wide + 0.025 + (rand(R) < 0.07 ? 0.3 : 0);
			#end
		#end
	}
#end
union { Shelving(24) rotate y * 90 translate <1.5, 0, 22> }
union { Shelving(26) rotate y * -90 translate <-3.2, 0, -4> }
union { Shelving(24) rotate y * 90 translate <4.6, 0, 22> }
// A trolley with the boxes not yet put away, and some on the floor.
union {
	box { <0, 0.24, 0>, <0.9, 0.28, 1.5> }
	box { <0, 0.82, 0>, <0.9, 0.86, 1.5> }
	#for (X, 0.03, 0.9, 0.84) #for (Z, 0.03, 1.5, 1.44) cylinder { <X, 0.1, Z>, <X, 1.05, Z>, 0.02 } torus { 0.06, 0.03 rotate z * 90 translate <X, 0.09, Z> } #end #end
	Paint(<0.45, 0.1, 0.06>) rotate y * -14 translate <0.1, 0, 1.2>
}
#macro Put(X, Y, Z, Turn, Wide, High)
	#declare Pick = rand(R);
	object { Box(Wide, High, Tone(), 1) rotate y * Turn translate <X, Y, Z> }
#end
Put(0.16, 0.86, 1.3, -14, 0.42, 0.32) Put(0.6, 0.86, 1.42, -9, 0.34, 0.4) Put(0.22, 1.19, 1.36, -20, 0.4, 0.3) Put(0.3, 0.86, 1.95, -14, 0.5, 0.32) Put(0.2, 0.28, 1.3, -16, 0.6, 0.36)
Put(-1.1, 0, 1.1, 12, 0.44, 0.34) Put(-1.06, 0.35, 1.13, 4, 0.42, 0.3) Put(-0.5, 0, 1.7, -8, 0.42, 0.4) Put(-1.05, 0.66, 1.15, 17, 0.38, 0.3)
// Lamps over the aisle.
#for (Z, -1, 22, 3.6)
	box { <-1.3, 3.9, Z>, <0, 3.96, Z + 1.3> Paint(0.6) }
	box { <-1.26, 3.88, Z + 0.04>, <-0.04, 3.9, Z + 1.26> Glow(<3, 2.8, 2.4>) }
	light_source { <-0.65, 3.8, Z + 0.6> color rgb <0.5, 0.46, 0.39> fade_distance 2.6 fade_power 2 area_light <1, 0, 0>, <0, 0, 1>, 2, 2 adaptive 0 }
#end
light_source { <-2, 2.6, -6> color rgb <0.22, 0.23, 0.26> shadowless }
