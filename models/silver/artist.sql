with

track as (

    select * from {{ ref('track') }}

),

named as (

    select artist_name
    from track
    where artist_name is not null

    union all

    select explode(featured_artist_names) as artist_name
    from track

),

artist as (

    select
        {{ artist_key('artist_name') }} as artist_key,
        min(artist_name) as artist_name
    from named
    group by 1

)

select * from artist
